/** What each page of pages.ts shows, loaded when somebody opens it. */
import type { ComponentType } from 'react';
import type { Page } from './pages.ts';

const COMPONENTS: Readonly<Record<string, () => Promise<ComponentType>>> = {
  '/deliveries': async () => (await import('./deliveries/deliveries-page.tsx')).DeliveriesPage,
  '/deliveries/:id': async () => (await import('./deliveries/one/delivery-page.tsx')).DeliveryPage,
  '/events': async () => (await import('./events/events-page.tsx')).EventsPage,
  '/events/publish': async () => (await import('./events/publish/publish-page.tsx')).PublishPage,
  '/events/:id': async () => (await import('./events/one/event-page.tsx')).EventPage,
  '/targets': async () => (await import('./targets/targets-page.tsx')).TargetsPage,
  '/targets/new': async () => (await import('./targets/new-target-page.tsx')).NewTargetPage,
  '/targets/:id': async () => (await import('./targets/target-page.tsx')).TargetPage,
  '/targets/:id/edit': async () => (await import('./targets/edit-target-page.tsx')).EditTargetPage,
  '/replays': async () => (await import('./replays/replays-page.tsx')).ReplaysPage,
  '/replays/new': async () => (await import('./replays/new-replay-page.tsx')).NewReplayPage,
  '/replays/:id': async () => (await import('./replays/replay-page.tsx')).ReplayPage,
  '/event-types': async () => (await import('./event-types/event-types-page.tsx')).EventTypesPage,
  '/event-types/new': async () => (await import('./event-types/edit-event-type-page.tsx')).NewEventTypePage,
  '/event-types/:name': async () => (await import('./event-types/event-type-page.tsx')).EventTypePage,
  '/event-types/:name/edit': async () => (await import('./event-types/edit-event-type-page.tsx')).EditEventTypePage,
  '/statistics': async () => (await import('./statistics/statistics-page.tsx')).StatisticsPage,
  '/keys': async () => (await import('./settings/keys/keys-page.tsx')).KeysPage,
  '/portal-sessions': async () =>
    (await import('./settings/portal-sessions/portal-sessions-page.tsx')).PortalSessionsPage,
  '/audit-log': async () => (await import('./settings/audit-log/audit-log-page.tsx')).AuditLogPage,
  '/erasures': async () => (await import('./settings/erasures/erasures-page.tsx')).ErasuresPage,
  '/signing-keys': async () => (await import('./settings/published/signing-keys-page.tsx')).SigningKeysPage,
  '/egress': async () => (await import('./settings/published/egress-page.tsx')).EgressPage,
  '/organizations': async () => (await import('./settings/organizations/organizations-page.tsx')).OrganizationsPage,
};

export const loadPage = ({ path }: Page): Promise<ComponentType> => COMPONENTS[path]!();
