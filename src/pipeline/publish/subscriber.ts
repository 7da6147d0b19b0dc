/**
 * Whether a target would receive an event if the event were published now: by its event types, its customers and its filter.
 * For whatever sends old events again to one target.
 */
import type { Sql } from '../../database/statement.ts';
import { readBodyValues } from '../../domain/filter/body-values.ts';
import { compileFilter, satisfies } from '../../domain/filter/compile-filter.ts';
import type { PayloadFilter } from '../../domain/filter/payload-filter.ts';
import { receives, toTarget, FAN_OUT_COLUMNS, type FanOutRow } from './fan-out.ts';

type OldEvent = { readonly eventType: string; readonly customerId: string | null };

/** A target as it was when it was loaded. */
export type Subscriber = {
  /** Whether the target has a filter: only then are the bodies of events needed. */
  readonly hasFilter: boolean;
  /** Whether the target is subscribed to the event. Its filter is not asked: `wants` does it. */
  isSubscribedTo(event: OldEvent): boolean;
  /** Whether the target would receive the event. `body` is the exact body that targets receive. */
  wants(event: OldEvent & { readonly body: string }): Promise<boolean>;
};

/** Loads a target, whatever its status. Undefined when it is deleted, or never was. */
export async function loadSubscriber(sql: Sql, targetId: string): Promise<Subscriber | undefined> {
  const { rows } = await sql.query<FanOutRow & { readonly filter: string | null }>({
    name: 'find_subscriber',
    text: SUBSCRIBER,
    values: [targetId],
  });
  if (!rows[0]) return undefined;
  const { filter: text, ...row } = rows[0];
  const target = toTarget(row);
  const filter = text === null ? null : compileFilter(JSON.parse(text) as PayloadFilter);
  return {
    hasFilter: filter !== null,
    isSubscribedTo: (event) => receives(target, event),
    wants: async (event) =>
      receives(target, event) && (filter === null || satisfies(filter, await readBodyValues(event.body))),
  };
}

const SUBSCRIBER = `
  select ${FAN_OUT_COLUMNS}, filter::text
  from webhook_targets t where id = $1 and deleted_at is null`;
