/** Compares a publish with the earlier publish that had the same idempotency key. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sql } from '../../database/statement.ts';
import { buildBody, dataTextOf } from '../../domain/payload.ts';
import { isSameJson } from '../../domain/json/same-json.ts';
import type { Difference, Repeat } from './findings.ts';
import type { Draft } from './input.ts';

type Content = Pick<Draft, 'eventType' | 'customerId' | 'orderingKey' | 'dataText'>;

/** Returns the field that differs; null when none does. `data` is compared as canonical JSON, `rawData` by its bytes. */
function findDifference(draft: Draft, earlier: Content): Difference | null {
  if (draft.eventType !== earlier.eventType) return 'eventType';
  if (draft.customerId !== earlier.customerId) return 'customerId';
  if (draft.orderingKey !== earlier.orderingKey) return 'orderingKey';
  if (draft.dataText === earlier.dataText) return null;
  return draft.dataField === 'data' && isSameJson(draft.dataText, earlier.dataText) ? null : 'data';
}

/** Finds, in one request, the drafts that differ from the first draft with their key. Undefined when no key occurs twice. */
export function findRivals(drafts: readonly Draft[]): Promise<Map<Draft, Draft>> | undefined {
  const firsts = new Map<string, Draft>();
  const pairs: [Draft, Draft][] = [];
  for (const draft of drafts) {
    if (draft.idempotencyKey === null) continue;
    const slot = `${draft.organizationId} ${draft.idempotencyKey}`;
    const first = firsts.get(slot);
    if (first) pairs.push([draft, first]);
    else firsts.set(slot, draft);
  }
  return pairs.length === 0 ? undefined : compareAll(pairs);
}

async function compareAll(pairs: readonly [Draft, Draft][]): Promise<Map<Draft, Draft>> {
  const rivals = new Map<Draft, Draft>();
  const turns = createTurns();
  for (const [draft, first] of pairs) {
    if (findDifference(draft, first) !== null) rivals.set(draft, first);
    await turns.take(draft.dataText.length);
  }
  return rivals;
}

/** Compares drafts with the earlier events that have their idempotency keys. Events that retention has deleted are left out. */
export async function readRepeats(sql: Sql, eventIds: ReadonlyMap<Draft, string>): Promise<Map<Draft, Repeat>> {
  const { rows } = await sql.query<EventRow>(EVENTS, [[...new Set(eventIds.values())]]);
  const events = new Map(rows.map((row) => [row.id, row]));
  const repeats = new Map<Draft, Repeat>();
  const unread: { draft: Draft; event: EventRow }[] = [];
  for (const [draft, eventId] of eventIds) {
    const event = events.get(eventId);
    const difference = event && findOutside(draft, event);
    if (difference) repeats.set(draft, { eventId, difference });
    else if (event && isErased(event)) repeats.set(draft, { eventId, difference: null });
    else if (event) unread.push({ draft, event });
  }
  const turns = createTurns();
  while (unread.length > 0) {
    const piece = takePiece(unread);
    const bodies = new Map<string, string>();
    const found = await sql.query<BodyRow>(BODIES, [[...new Set(piece.map(({ event }) => event.id))]]);
    for (const { id, body } of found.rows) bodies.set(id, body);
    for (const { draft, event } of piece) {
      const body = bodies.get(event.id);
      if (body === undefined) continue;
      repeats.set(draft, { eventId: event.id, difference: compareBodies(draft, event, body) });
      await turns.take(body.length);
    }
  }
  return repeats;
}

type EventRow = {
  readonly id: string;
  readonly eventType: string;
  readonly customerId: string | null;
  readonly orderingKey: string | null;
  /** Bytes of the body. */
  readonly size: number;
  readonly createdAt: Date;
};
type BodyRow = { readonly id: string; readonly body: string };

function compareBodies(draft: Draft, event: EventRow, body: string): Difference | null {
  if (body === '') return null; // It was erased since its size was read.
  const dataText = dataTextOf(body, event);
  return dataText === undefined ? 'data' : findDifference(draft, { ...event, dataText });
}

/** There is nothing left to compare with: whoever repeats the publish is answered with the erased event. */
const isErased = ({ size }: EventRow): boolean => size === 0;

/** Compares without the body, which may be long: that is often enough. */
function findOutside(draft: Draft, event: EventRow): Difference | null {
  if (draft.eventType !== event.eventType) return 'eventType';
  if (draft.customerId !== event.customerId) return 'customerId';
  // An erased event has no ordering key any more.
  if (isErased(event)) return null;
  if (draft.orderingKey !== event.orderingKey) return 'orderingKey';
  if (draft.dataField === 'data') return null;
  return Buffer.byteLength(buildBody({ ...event, dataText: draft.dataText })) === event.size ? null : 'data';
}

/** The bytes of bodies that one query reads. A request of a few kilobytes may name a thousand events of 256 KiB. */
const PIECE_BYTES = 2 ** 20;

function takePiece(unread: { draft: Draft; event: EventRow }[]) {
  let bytes = 0;
  let count = 0;
  while (count < unread.length && bytes < PIECE_BYTES) bytes += unread[count++]!.event.size;
  return unread.splice(0, count);
}

/** How many characters are compared in one turn of the event loop: about ten milliseconds. */
const TURN_CHARACTERS = 256 * 1024;

function createTurns() {
  let characters = 0;
  return {
    async take(count: number): Promise<void> {
      characters += count;
      if (characters < TURN_CHARACTERS) return;
      characters = 0;
      await nextTurn();
    },
  };
}

// The length of a body is in the row's own pointer, so no body is read for it.
const EVENTS = `
  select id, event_type as "eventType", customer_id as "customerId", ordering_key as "orderingKey",
    octet_length(body) as size, created_at as "createdAt"
  from events where id = any($1)`;

const BODIES = 'select id, body from events where id = any($1)';
