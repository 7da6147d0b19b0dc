/**
 * Which changes are of an event that a subscriber wants, by what only the row of the event tells: its body and its tags. What was
 * found out is kept with the change, for as long as a subscriber holds that: so thousands of subscribers that want the same cost
 * one look. Of other wishes MOST_VERDICTS are kept: a client that asks with ever other ones fills no memory. A body is read once
 * for all who ask about it at a time, and then dropped.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sql } from '../../database/statement.ts';
import { readBodyValues } from '../../domain/filter/body-values.ts';
import { satisfies, type CompiledFilter } from '../../domain/filter/compile-filter.ts';
import { createTurnQueue } from '../../domain/turn-queue.ts';
import type { Change, Recorded } from '../change.ts';

/** What an event must be like. `text` tells it from every other wish. */
export type WantedEvent = {
  readonly text: string;
  /** Null: any body. */
  readonly filter: CompiledFilter | null;
  /** Any of these is enough. Null: any tags, or none. */
  readonly tags: readonly string[] | null;
};

/** A change of one event, or of something that belongs to it. */
export type EventRelated = Recorded & { readonly eventId: string };

export type EventVerdicts = {
  /** Whether the event is wanted; undefined when nobody has asked yet. False for an event that is deleted or erased. */
  find(change: Change<EventRelated>, wanted: WantedEvent): boolean | undefined;
  /** Finds it out for all of the changes. Rejects when PostgreSQL does not answer. */
  judge(changes: readonly Change<EventRelated>[], wanted: WantedEvent): Promise<void>;
};

type Options = {
  readonly sql: Sql;
  /** The body of a recent event, when it is at hand. */
  readonly bodyAtHand: (eventId: string) => string | undefined;
};

/** What is asked about one change. */
type Asked = {
  readonly change: Change<EventRelated>;
  readonly wanted: Map<string, WantedEvent>;
  readonly answered: PromiseWithResolvers<void>;
  /** What is read of its event; null while it waits. From then on, a wish joins only if it needs no more than this. */
  reading: Needs | null;
};

type Needs = { readonly body: boolean; readonly tags: boolean };

/** Changes that are judged at a time. */
const PIECE = 128;
/** Bodies that are read at a time: 4 MiB at most. */
const BODIES = 16;
/** How many wishes are asked in one turn of the event loop: about a millisecond. */
const WISHES_PER_TURN = 256;
/** Verdicts that are kept for a change, beside those that were asked for at once. Beyond, the oldest are found out again. */
const MOST_VERDICTS = 256;

export function createEventVerdicts({ sql, bodyAtHand }: Options): EventVerdicts {
  const verdicts = new WeakMap<Change<EventRelated>, Map<string, boolean>>();
  const waiting = new Map<Change<EventRelated>, Asked>();
  const queue = createTurnQueue<Asked>();
  let isRunning = false;

  const find: EventVerdicts['find'] = (change, { text }) => verdicts.get(change)?.get(text);

  function ask(change: Change<EventRelated>, wanted: WantedEvent): Promise<void> {
    let asked = waiting.get(change);
    if (!asked || !canJoin(asked, wanted)) {
      asked = { change, wanted: new Map(), answered: Promise.withResolvers(), reading: null };
      waiting.set(change, asked);
      queue.add(change.organizationId, asked);
    }
    asked.wanted.set(wanted.text, wanted);
    return asked.answered.promise;
  }

  /** Nobody joins it any more. Another look at its change may be waiting already. */
  function leave(asked: Asked): void {
    if (waiting.get(asked.change) === asked) waiting.delete(asked.change);
  }

  async function run(): Promise<void> {
    isRunning = true;
    while (!queue.isEmpty) {
      const piece = takePiece(queue);
      try {
        const [bodies, tags] = await Promise.all([
          readBodies(eventsOf(piece, 'body')),
          readTags(eventsOf(piece, 'tags')),
        ]);
        await answer(piece, bodies, tags);
      } catch (error) {
        for (const asked of piece) {
          leave(asked);
          asked.answered.reject(error);
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

  async function readTags(eventIds: readonly string[]): Promise<Map<string, readonly string[]>> {
    if (eventIds.length === 0) return new Map();
    const { rows } = await sql.query<{ id: string; tags: string[] }>({ ...READ_TAGS, values: [eventIds] });
    return new Map(rows.map(({ id, tags }) => [id, tags]));
  }

  async function answer(
    piece: readonly Asked[],
    bodies: ReadonlyMap<string, string>,
    tagsOf: ReadonlyMap<string, readonly string[]>,
  ): Promise<void> {
    let wishCount = 0;
    for (const asked of piece) {
      const { change, wanted, answered } = asked;
      const body = bodies.get(change.eventId);
      const values = body ? await readBodyValues(body) : undefined;
      // From here on, whoever asks about the change asks anew: its body is dropped.
      leave(asked);
      const known = verdicts.get(change) ?? new Map<string, boolean>();
      for (const [text, { filter, tags }] of wanted) {
        const isTagged = tags === null || tagsOf.get(change.eventId)?.some((tag) => tags.includes(tag)) === true;
        known.set(text, isTagged && (filter === null || (values !== undefined && satisfies(filter, values))));
      }
      for (const oldest of known.keys()) {
        if (known.size <= MOST_VERDICTS + wanted.size) break;
        known.delete(oldest);
      }
      verdicts.set(change, known);
      answered.resolve();
      wishCount += wanted.size;
      if (wishCount >= WISHES_PER_TURN) wishCount = await nextTurn(0);
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

const needsBody = ({ filter }: WantedEvent): boolean => filter !== null;
const needsTags = ({ tags }: WantedEvent): boolean => tags !== null;

const canJoin = ({ reading }: Asked, wanted: WantedEvent): boolean =>
  reading === null || ((reading.body || !needsBody(wanted)) && (reading.tags || !needsTags(wanted)));

/** The next changes to judge: few when their bodies are needed. */
function takePiece(queue: ReturnType<typeof createTurnQueue<Asked>>): Asked[] {
  const piece: Asked[] = [];
  for (let bodies = 0; piece.length < PIECE && bodies < BODIES && !queue.isEmpty;) {
    const asked = queue.take()!;
    piece.push(asked);
    asked.reading = { body: asked.wanted.values().some(needsBody), tags: asked.wanted.values().some(needsTags) };
    if (asked.reading.body) bodies++;
  }
  return piece;
}

/** The events of which something is read. */
const eventsOf = (piece: readonly Asked[], what: keyof Needs): string[] => [
  ...new Set(piece.filter(({ reading }) => reading?.[what]).map(({ change }) => change.eventId)),
];

const READ_BODIES = { name: 'find_event_bodies', text: 'select id, body from events where id = any($1)' };

const READ_TAGS = {
  name: 'find_event_tags',
  text: 'select id, tags from events where id = any($1) and tags is not null',
};
