/**
 * Which published events satisfy which payload filters. What was found out about an event is kept with its change, for as long
 * as a subscriber holds that: so thousands of subscribers with one filter cost one look. Of other filters MOST_VERDICTS are kept:
 * a client that asks with ever other ones fills no memory. A body is read once for all who ask about it at a time, and then
 * dropped.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sql } from '../../database/statement.ts';
import { readBodyValues } from '../../domain/filter/body-values.ts';
import { satisfies, type CompiledFilter } from '../../domain/filter/compile-filter.ts';
import { createTurnQueue } from '../../domain/turn-queue.ts';
import type { Change } from '../change.ts';
import type { EventChange } from '../changes/event-changes.ts';

/** A filter, and its text, by which equal ones are known. */
export type NamedFilter = { readonly text: string; readonly filter: CompiledFilter };

export type EventVerdicts = {
  /** Whether the event satisfies the filter; undefined when nobody has asked yet. False for an event that is deleted. */
  find(change: Change<EventChange>, wanted: NamedFilter): boolean | undefined;
  /** Finds it out for all of the changes. Rejects when PostgreSQL does not answer. */
  judge(changes: readonly Change<EventChange>[], wanted: NamedFilter): Promise<void>;
};

type Options = {
  readonly sql: Sql;
  /** The body of a recent event, when it is at hand. */
  readonly bodyAtHand: (eventId: string) => string | undefined;
};

/** What is asked about one event. */
type Asked = {
  readonly change: Change<EventChange>;
  readonly filters: Map<string, CompiledFilter>;
  readonly answered: PromiseWithResolvers<void>;
};

/** Bodies that are read at a time: 4 MiB at most. */
const BODIES = 16;
/** How many filters are asked in one turn of the event loop: about a millisecond. */
const FILTERS_PER_TURN = 256;
/** Verdicts that are kept for a change, beside those that were asked for at once. Beyond, the oldest are found out again. */
const MOST_VERDICTS = 256;

export function createEventVerdicts({ sql, bodyAtHand }: Options): EventVerdicts {
  const verdicts = new WeakMap<Change<EventChange>, Map<string, boolean>>();
  const waiting = new Map<Change<EventChange>, Asked>();
  const queue = createTurnQueue<Asked>();
  let isRunning = false;

  const find: EventVerdicts['find'] = (change, { text }) => verdicts.get(change)?.get(text);

  function ask(change: Change<EventChange>, { text, filter }: NamedFilter): Promise<void> {
    let asked = waiting.get(change);
    if (!asked) {
      asked = { change, filters: new Map(), answered: Promise.withResolvers() };
      waiting.set(change, asked);
      queue.add(change.organizationId, asked);
    }
    asked.filters.set(text, filter);
    return asked.answered.promise;
  }

  async function run(): Promise<void> {
    isRunning = true;
    while (!queue.isEmpty) {
      const piece: Asked[] = [];
      while (piece.length < BODIES && !queue.isEmpty) piece.push(queue.take()!);
      try {
        const bodies = await readBodies(piece.map(({ change }) => change.eventId));
        await answer(piece, bodies);
      } catch (error) {
        for (const { change, answered } of piece) {
          waiting.delete(change);
          answered.reject(error);
        }
      }
    }
    isRunning = false;
  }

  async function readBodies(eventIds: readonly string[]): Promise<Map<string, string>> {
    const bodies = new Map<string, string>();
    for (const id of eventIds) {
      const body = bodyAtHand(id);
      if (body !== undefined) bodies.set(id, body);
    }
    const unread = eventIds.filter((id) => !bodies.has(id));
    if (unread.length === 0) return bodies;
    const { rows } = await sql.query<{ id: string; body: string }>({ ...READ_BODIES, values: [unread] });
    for (const { id, body } of rows) bodies.set(id, body);
    return bodies;
  }

  async function answer(piece: readonly Asked[], bodies: ReadonlyMap<string, string>): Promise<void> {
    let filterCount = 0;
    for (const { change, filters, answered } of piece) {
      const body = bodies.get(change.eventId);
      const values = body === undefined ? undefined : await readBodyValues(body);
      // From here on, whoever asks about the change asks anew: its body is dropped.
      waiting.delete(change);
      const known = verdicts.get(change) ?? new Map<string, boolean>();
      for (const [text, filter] of filters) known.set(text, values !== undefined && satisfies(filter, values));
      for (const oldest of known.keys()) {
        if (known.size <= MOST_VERDICTS + filters.size) break;
        known.delete(oldest);
      }
      verdicts.set(change, known);
      answered.resolve();
      filterCount += filters.size;
      if (filterCount >= FILTERS_PER_TURN) filterCount = await nextTurn(0);
    }
  }

  return {
    find,
    async judge(changes, wanted) {
      const asked = changes.filter((change) => find(change, wanted) === undefined).map((change) => ask(change, wanted));
      if (!isRunning) void run();
      await Promise.all(asked);
    },
  };
}

const READ_BODIES = { name: 'find_event_bodies', text: 'select id, body from events where id = any($1)' };
