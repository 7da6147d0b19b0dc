/**
 * Organizations whose publishes in order wait for the lock of a chain that another session holds. Their requests share no
 * transaction with others, so that the others do not wait with them.
 */
import type { Sql } from '../../database/statement.ts';
import { findBusyLocks } from '../../live/order/lock-chains.ts';
import type { PublishPlan } from './plan.ts';

export type BusyChains = {
  has(organizationId: string): boolean;
  /** Looks at the locks of a plan that waited for one in vain: its organizations are busy, or not any more. */
  look(plan: Pick<PublishPlan, 'events' | 'deliveries'>): Promise<void>;
  /** A plan has got its locks: its organizations are not busy. */
  letGo(plan: Pick<PublishPlan, 'events'>): void;
};

export function createBusyChains(sql: Sql): BusyChains {
  const busy = new Set<string>();
  const letGo: BusyChains['letGo'] = ({ events }) =>
    events.forEach(({ organizationId }) => busy.delete(organizationId));
  return {
    has: (organizationId) => busy.has(organizationId),
    async look({ events, deliveries }) {
      const chained = deliveries.flatMap(({ eventId, chain }) => (chain ? { eventId, lock: chain.lock } : []));
      const found = await findBusyLocks(
        sql,
        chained.map(({ lock }) => lock),
      );
      const locks = new Set(found);
      const owners = new Map(events.map(({ id, organizationId }) => [id, organizationId]));
      letGo({ events });
      for (const { eventId, lock } of chained) if (locks.has(lock)) busy.add(owners.get(eventId)!);
    },
    letGo,
  };
}
