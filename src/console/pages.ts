/**
 * Every page of the console and of the portal: one line a page. The navigation, the routes of the application and the addresses
 * that the service answers with it (server/pages/console.ts) are made of this list. What a page shows is in page-components.ts,
 * which the service does not need.
 */
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
};

/** What happens: its deliveries and its events. */
const TRAFFIC: readonly Page[] = [
  {
    path: '/deliveries',
    name: 'Deliveries',
    scope: 'DELIVERIES_READ',
  },
  {
    path: '/deliveries/:id',
    name: 'Delivery',
    scope: 'DELIVERIES_READ',
    isListed: false,
  },
  {
    path: '/events',
    name: 'Events',
    scope: 'EVENTS_READ',
  },
  {
    path: '/events/publish',
    name: 'Publish an event',
    scope: 'EVENTS_PUBLISH',
    isListed: false,
  },
  {
    path: '/events/:id',
    name: 'Event',
    scope: 'EVENTS_READ',
    isListed: false,
  },
];

/** Where it goes: targets, replays, event types, and the figures. */
const RECEIVERS: readonly Page[] = [
  {
    path: '/targets',
    name: 'Targets',
    scope: 'TARGETS_READ',
  },
  {
    path: '/targets/new',
    name: 'New target',
    scope: 'TARGETS_WRITE',
    isListed: false,
  },
  {
    path: '/targets/:id',
    name: 'Target',
    scope: 'TARGETS_READ',
    isListed: false,
  },
  {
    path: '/targets/:id/edit',
    name: 'Edit target',
    scope: 'TARGETS_WRITE',
    isListed: false,
  },
  {
    path: '/replays',
    name: 'Replays',
    scope: 'DELIVERIES_READ',
  },
  {
    path: '/replays/new',
    name: 'New replay',
    scope: 'DELIVERIES_WRITE',
    isListed: false,
  },
  {
    path: '/replays/:id',
    name: 'Replay',
    scope: 'DELIVERIES_READ',
    isListed: false,
  },
  {
    path: '/event-types',
    name: 'Event types',
    scope: null,
  },
  {
    path: '/event-types/new',
    name: 'New event type',
    scope: 'PLATFORM_ADMIN',
    isListed: false,
  },
  {
    path: '/event-types/:name',
    name: 'Event type',
    scope: null,
    isListed: false,
  },
  {
    path: '/event-types/:name/edit',
    name: 'Edit event type',
    scope: 'PLATFORM_ADMIN',
    isListed: false,
  },
  {
    path: '/statistics',
    name: 'Statistics',
    scope: 'DELIVERIES_READ',
  },
];

/** Who may do what. */
const SETTINGS: readonly Page[] = [
  {
    path: '/keys',
    name: 'API keys',
    scope: 'API_KEYS_MANAGE',
  },
  {
    path: '/portal-sessions',
    name: 'Portal sessions',
    scope: 'API_KEYS_MANAGE',
  },
  {
    path: '/audit-log',
    name: 'Audit log',
    scope: 'API_KEYS_MANAGE',
  },
  {
    path: '/erasures',
    name: 'Erasures',
    scope: 'EVENTS_ERASE',
  },
  {
    path: '/signing-keys',
    name: 'Signing keys',
    scope: null,
  },
  {
    path: '/egress',
    name: 'Egress addresses',
    scope: null,
  },
  {
    path: '/organizations',
    name: 'Organizations',
    scope: 'PLATFORM_ADMIN',
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
