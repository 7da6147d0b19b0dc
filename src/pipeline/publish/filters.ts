/** Leaves out the subscribed targets whose filter an event does not satisfy. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../clock.ts';
import type { Sql } from '../../database/statement.ts';
import { readBodyValues } from '../../domain/filter/body-values.ts';
import { compileFilter, satisfies, type CompiledFilter } from '../../domain/filter/compile-filter.ts';
import type { PayloadFilter } from '../../domain/filter/payload-filter.ts';
import type { SubscribableEvent } from '../../domain/targets/subscription.ts';
import { createCompiledFilters } from './compiled-filters.ts';
import { receives } from './fan-out.ts';
import { FILTERED_TARGETS, toTarget, type SubscribedTarget, type FanOutRow } from './subscribed-targets.ts';

export type Kept = {
  /** Those whose filter the event satisfies, and those that have none, in their order. */
  readonly receivers: readonly SubscribedTarget[];
  readonly filteredCount: number;
};

export type Filters = {
  /**
   * Takes turns of the event loop. Reads the filters that are not compiled, some at a time: 10,000 of them are 40 MB. `tx`: the
   * transaction that reads them, which may have changed some. Default: none.
   */
  keep(targets: readonly SubscribedTarget[], event: FilteredEvent, tx?: Sql): Promise<Kept>;
};

type FilteredEvent = SubscribableEvent & { readonly body: string };

/** Targets that are asked in one turn: about a millisecond. Of so many, the filters are a megabyte as text. */
const TARGETS_PER_TURN = 256;

/** A target as it is now, with its filter. */
type Asked = { readonly target: SubscribedTarget; readonly filter: CompiledFilter | null };
type FilterRow = FanOutRow & { readonly filter: string | null };

export function createFilters(pool: Sql, clock: Pick<Clock, 'monotonicMs'>): Filters {
  const compiled = createCompiledFilters();

  /** Reads targets together with their filters: a filter may have been changed since the target was read. */
  async function readAsked(sql: Sql, targets: readonly SubscribedTarget[], nowMs: number): Promise<Map<string, Asked>> {
    const ids = targets.map(({ id }) => id);
    const { rows } = await sql.query<FilterRow>({ name: 'find_filters', text: FILTERED_TARGETS, values: [ids] });
    const read = new Map<string, Asked>();
    for (const { filter: text, ...row } of rows) {
      const { id, filterVersion } = row;
      const filter = text === null ? null : compileFilter(JSON.parse(text) as PayloadFilter);
      if (filter && filterVersion !== null) compiled.add(filterVersion, filter, nowMs);
      read.set(id, { target: toTarget(row), filter });
    }
    return read;
  }

  async function askedOf(sql: Sql, targets: readonly SubscribedTarget[]): Promise<Asked[]> {
    const nowMs = clock.monotonicMs();
    const known = targets.map(({ filterVersion: version }) => (version === null ? null : compiled.get(version, nowMs)));
    const unknown = targets.filter((_, index) => known[index] === undefined);
    const read = unknown.length > 0 ? await readAsked(sql, unknown, nowMs) : new Map<string, Asked>();
    return targets.flatMap((target, index) => {
      const filter = known[index];
      if (filter !== undefined) return [{ target, filter }];
      const now = read.get(target.id);
      if (now?.target.filterVersion === target.filterVersion) return [{ ...now, target }];
      return now ?? [];
    });
  }

  return {
    async keep(targets, event, tx = pool) {
      const body = await readBodyValues(event.body);
      const receivers: SubscribedTarget[] = [];
      let filteredCount = 0;
      for (let start = 0; start < targets.length; start += TARGETS_PER_TURN) {
        if (start > 0) await nextTurn();
        for (const { target, filter } of await askedOf(tx, targets.slice(start, start + TARGETS_PER_TURN))) {
          if (filter === null || satisfies(filter, body)) {
            // What was read anew may no longer be subscribed.
            if (receives(target, event)) receivers.push(target);
          } else filteredCount++;
        }
      }
      return { receivers, filteredCount };
    },
  };
}
