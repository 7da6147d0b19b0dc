/**
 * Which live subscribers a change may concern, without walking all of them: by organization, and within it by the
 * narrowest id that a filter names.
 */
import { matches, type ChangeFilter, type Facts } from './change.ts';
import type { Subscription } from './subscription.ts';

export type Audience = {
  add(subscription: Subscription): void;
  remove(subscription: Subscription): void;
  /** Calls `visit` with every subscriber that wants the change. `visit` may add and remove. */
  forEach(change: Facts, visit: (subscription: Subscription) => void): void;
};

type Ids = Pick<ChangeFilter, 'organizationId' | 'targetId' | 'eventId' | 'deliveryId'>;

export function createAudience(): Audience {
  const byOrganization = new Map<string, Map<string, Set<Subscription>>>();

  return {
    add(subscription) {
      const { organizationId } = subscription.filter;
      const seats = byOrganization.get(organizationId) ?? new Map<string, Set<Subscription>>();
      const seat = seatOf(subscription.filter);
      const taken = seats.get(seat) ?? new Set();
      byOrganization.set(organizationId, seats.set(seat, taken.add(subscription)));
    },
    remove(subscription) {
      const { organizationId } = subscription.filter;
      const seats = byOrganization.get(organizationId);
      const seat = seatOf(subscription.filter);
      const taken = seats?.get(seat);
      taken?.delete(subscription);
      if (taken?.size === 0) seats?.delete(seat);
      if (seats?.size === 0) byOrganization.delete(organizationId);
    },
    forEach(change, visit) {
      const seats = byOrganization.get(change.organizationId);
      if (!seats) return;
      for (const seat of seatsOf(change)) {
        for (const subscription of seats.get(seat) ?? []) {
          if (matches(subscription.filter, change)) visit(subscription);
        }
      }
    },
  };
}

const ANYWHERE = '';

/** A subscriber has one seat, so it is visited once. */
const seatOf = ({ deliveryId, eventId, targetId }: Ids): string =>
  deliveryId !== undefined
    ? `delivery ${deliveryId}`
    : eventId !== undefined
      ? `event ${eventId}`
      : targetId !== undefined
        ? `target ${targetId}`
        : ANYWHERE;

const seatsOf = ({ deliveryId, eventId, targetId }: Facts): string[] => [
  ANYWHERE,
  seatOf({ organizationId: '', deliveryId }),
  seatOf({ organizationId: '', eventId }),
  seatOf({ organizationId: '', targetId }),
];
