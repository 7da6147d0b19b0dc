/** The types that refer to each other, named before they are described. */
import type { Change, DeliveryChange } from '../../live/feed.ts';
import { builder } from './builder.ts';
import { connectionType } from './connection.ts';
import type {
  AttemptRow,
  DeliveryRow,
  ErasureRow,
  EventRow,
  OrganizationRow,
  ReplayRow,
  TargetRow,
} from '../read/rows.ts';

export const Delivery = builder.objectRef<DeliveryRow>('Delivery');
export const DeliveryAttempt = builder.objectRef<AttemptRow>('DeliveryAttempt');
export const DeliveryStatusChange = builder.objectRef<Change<DeliveryChange>>('DeliveryStatusChange');
export const Erasure = builder.objectRef<ErasureRow>('Erasure');
export const Event = builder.objectRef<EventRow>('Event');
export const Organization = builder.objectRef<OrganizationRow>('Organization');
export const Replay = builder.objectRef<ReplayRow>('Replay');
export const WebhookTarget = builder.objectRef<TargetRow>('WebhookTarget');

export const DeliveryConnection = connectionType(Delivery, { name: 'Delivery', rows: 'deliveries, newest first' });
export const EventConnection = connectionType(Event, { name: 'Event', rows: 'events, newest first' });
export const WebhookTargetConnection = connectionType(WebhookTarget, {
  name: 'WebhookTarget',
  rows: 'webhook targets, newest first',
});
export const ReplayConnection = connectionType(Replay, { name: 'Replay', rows: 'replays, newest first' });
export const DeliveryAttemptConnection = connectionType(DeliveryAttempt, {
  name: 'DeliveryAttempt',
  rows: 'attempts of a delivery, oldest first',
});
export const DeliveryChangeConnection = connectionType(DeliveryStatusChange, {
  name: 'DeliveryChange',
  rows: 'status changes of a delivery, oldest first',
});
