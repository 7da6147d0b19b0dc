/**
 * Every page of the console and of the portal: one line a page. The navigation, the routes of the application and the addresses
 * that the service answers with it (server/pages/console.ts) are made of this list. So a page that is entered here is there.
 */
import type { ComponentType } from 'react';
import { grants, type ApiScope } from '../domain/api-keys/scope.ts';

/** The path that the portal is below; everything else is the console. */
export const PORTAL = '/portal';

export type Page = {
  /** Below `/` in the console and below `/portal` in the portal; `:id` is a parameter of the route. */
  readonly path: string;
  /** In the navigation and in the title of the window. */
  readonly name: string;
  /** What the API key must have; null: every API key may see the page. */
  readonly scope: ApiScope | null;
  /** False: it is not in the navigation, other pages lead to it. */
  readonly isListed?: false;
  readonly load: () => Promise<ComponentType>;
};

/** What happens: its deliveries and its events. */
const TRAFFIC: readonly Page[] = [
  {
    path: '/deliveries',
    name: 'Deliveries',
    scope: 'DELIVERIES_READ',
    load: async () => (await import('./deliveries/deliveries-page.tsx')).DeliveriesPage,
  },
  {
    path: '/deliveries/:id',
    name: 'Delivery',
    scope: 'DELIVERIES_READ',
    isListed: false,
    load: async () => (await import('./deliveries/one/delivery-page.tsx')).DeliveryPage,
  },
  {
    path: '/events',
    name: 'Events',
    scope: 'EVENTS_READ',
    load: async () => (await import('./events/events-page.tsx')).EventsPage,
  },
  {
    path: '/events/publish',
    name: 'Publish an event',
    scope: 'EVENTS_PUBLISH',
    isListed: false,
    load: async () => (await import('./events/publish/publish-page.tsx')).PublishPage,
  },
  {
    path: '/events/:id',
    name: 'Event',
    scope: 'EVENTS_READ',
    isListed: false,
    load: async () => (await import('./events/one/event-page.tsx')).EventPage,
  },
];

/** Where it goes: targets, replays, event types, and the figures. */
const RECEIVERS: readonly Page[] = [
  {
    path: '/targets',
    name: 'Targets',
    scope: 'TARGETS_READ',
    load: async () => (await import('./targets/targets-page.tsx')).TargetsPage,
  },
  {
    path: '/targets/new',
    name: 'New target',
    scope: 'TARGETS_WRITE',
    isListed: false,
    load: async () => (await import('./targets/new-target-page.tsx')).NewTargetPage,
  },
  {
    path: '/targets/:id',
    name: 'Target',
    scope: 'TARGETS_READ',
    isListed: false,
    load: async () => (await import('./targets/target-page.tsx')).TargetPage,
  },
  {
    path: '/targets/:id/edit',
    name: 'Edit target',
    scope: 'TARGETS_WRITE',
    isListed: false,
    load: async () => (await import('./targets/edit-target-page.tsx')).EditTargetPage,
  },
  {
    path: '/replays',
    name: 'Replays',
    scope: 'DELIVERIES_READ',
    load: async () => (await import('./replays/replays-page.tsx')).ReplaysPage,
  },
  {
    path: '/replays/new',
    name: 'New replay',
    scope: 'DELIVERIES_WRITE',
    isListed: false,
    load: async () => (await import('./replays/new-replay-page.tsx')).NewReplayPage,
  },
  {
    path: '/replays/:id',
    name: 'Replay',
    scope: 'DELIVERIES_READ',
    isListed: false,
    load: async () => (await import('./replays/replay-page.tsx')).ReplayPage,
  },
  {
    path: '/event-types',
    name: 'Event types',
    scope: null,
    load: async () => (await import('./event-types/event-types-page.tsx')).EventTypesPage,
  },
  {
    path: '/event-types/new',
    name: 'New event type',
    scope: 'PLATFORM_ADMIN',
    isListed: false,
    load: async () => (await import('./event-types/edit-event-type-page.tsx')).NewEventTypePage,
  },
  {
    path: '/event-types/:name',
    name: 'Event type',
    scope: null,
    isListed: false,
    load: async () => (await import('./event-types/event-type-page.tsx')).EventTypePage,
  },
  {
    path: '/event-types/:name/edit',
    name: 'Edit event type',
    scope: 'PLATFORM_ADMIN',
    isListed: false,
    load: async () => (await import('./event-types/edit-event-type-page.tsx')).EditEventTypePage,
  },
  {
    path: '/statistics',
    name: 'Statistics',
    scope: 'DELIVERIES_READ',
    load: async () => (await import('./statistics/statistics-page.tsx')).StatisticsPage,
  },
];

/** Who may do what. */
const SETTINGS: readonly Page[] = [
  {
    path: '/keys',
    name: 'API keys',
    scope: 'API_KEYS_MANAGE',
    load: async () => (await import('./settings/keys/keys-page.tsx')).KeysPage,
  },
  {
    path: '/portal-sessions',
    name: 'Portal sessions',
    scope: 'API_KEYS_MANAGE',
    load: async () => (await import('./settings/portal-sessions/portal-sessions-page.tsx')).PortalSessionsPage,
  },
  {
    path: '/audit-log',
    name: 'Audit log',
    scope: 'API_KEYS_MANAGE',
    load: async () => (await import('./settings/audit-log/audit-log-page.tsx')).AuditLogPage,
  },
  {
    path: '/erasures',
    name: 'Erasures',
    scope: 'EVENTS_ERASE',
    load: async () => (await import('./settings/erasures/erasures-page.tsx')).ErasuresPage,
  },
  {
    path: '/signing-keys',
    name: 'Signing keys',
    scope: null,
    load: async () => (await import('./settings/published/signing-keys-page.tsx')).SigningKeysPage,
  },
  {
    path: '/egress',
    name: 'Egress addresses',
    scope: null,
    load: async () => (await import('./settings/published/egress-page.tsx')).EgressPage,
  },
  {
    path: '/organizations',
    name: 'Organizations',
    scope: 'PLATFORM_ADMIN',
    load: async () => (await import('./settings/organizations/organizations-page.tsx')).OrganizationsPage,
  },
];

/** The groups of the navigation, in their order. */
export const PAGE_GROUPS: readonly (readonly [name: string, pages: readonly Page[]])[] = [
  ['Traffic', TRAFFIC],
  ['Receivers', RECEIVERS],
  ['Settings', SETTINGS],
];

export const PAGES: readonly Page[] = PAGE_GROUPS.flatMap(([, pages]) => pages);

/** Whether the page is shown to whoever has these scopes. */
export const isAllowed = ({ scope }: Page, scopes: ReadonlySet<ApiScope>): boolean =>
  scope === null || grants(scopes, scope);
