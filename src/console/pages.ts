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
];

/** Where it goes: targets, replays, event types, and the figures. */
const RECEIVERS: readonly Page[] = [];

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
