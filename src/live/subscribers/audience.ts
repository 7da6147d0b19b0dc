/**
 * Finds the live subscribers that a change may concern without walking all of them: by organization, and within it by the
 * narrowest id that a filter names.
 */
import type { ChangeTable, PlacedChange, ChangeFilter, Recorded } from '../change.ts';
import type { Subscription } from './subscription.ts';

export type Audience<R extends Recorded, F extends ChangeFilter> = {
  add(subscription: Subscription<R, F>): void;
  remove(subscription: Subscription<R, F>): void;
  /** Calls `visit` with every subscriber that wants the change. `visit` may add and remove. */
  forEach(change: PlacedChange<R>, visit: (subscription: Subscription<R, F>) => void): void;
};

const ANYWHERE = '';

export function createAudience<R extends Recorded, F extends ChangeFilter>({
  ids,
  matches,
}: Pick<ChangeTable<R, F>, 'ids' | 'matches'>): Audience<R, F> {
  const byOrganization = new Map<string, Map<string, Set<Subscription<R, F>>>>();

  /** Returns where a subscriber is filed. Each has one seat, so that it is visited once. */
  const seatOf = (filter: F): string => {
    const narrowest = ids.find((name) => filter[name] !== undefined);
    return narrowest === undefined ? ANYWHERE : `${narrowest} ${filter[narrowest] as string}`;
  };

  return {
    add(subscription) {
      const { organizationId } = subscription.filter;
      const seats = byOrganization.get(organizationId) ?? new Map<string, Set<Subscription<R, F>>>();
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
      for (const seat of [ANYWHERE, ...ids.map((name) => `${name} ${change[name] as string}`)]) {
        for (const subscription of seats.get(seat) ?? []) {
          if (matches(subscription.filter, change)) visit(subscription);
        }
      }
    },
  };
}
