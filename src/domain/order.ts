/**
 * Order: which deliveries wait for which. A chain is a row of deliveries that go to one target one after another. Its head is the
 * oldest that has not ended, and the only delivery of the chain that is sent.
 *
 *     ordering NONE                   no chain
 *     KEY, an event with a key        one chain for each key of the target; without a key: no chain
 *     TARGET                          one chain for the target
 *     a replay of an ordered target   the same, apart from what is published: one chain of the replay, or one for each key
 */
import { createHash } from 'node:crypto';

export const DELIVERY_ORDERINGS = ['NONE', 'KEY', 'TARGET'] as const;
export type DeliveryOrdering = (typeof DELIVERY_ORDERINGS)[number];

/** What becomes of a chain whose head is FAILED: SKIP sends the next one, HOLD waits until a person retries or cancels the head. */
export const AFTER_FAILURES = ['SKIP', 'HOLD'] as const;
export type OrderAfterFailure = (typeof AFTER_FAILURES)[number];

export const MAX_ORDERING_KEY = 255;

/** Both are 64-bit numbers as decimal text: hashes, so that neither tells of a key. */
export type Chain = {
  /** Names the chain among those of its target. */
  readonly chain: string;
  /** The advisory lock under which the chain changes. */
  readonly lock: string;
};

export type OrderedTarget = {
  readonly id: string;
  readonly organizationId: string;
  readonly ordering: DeliveryOrdering;
};

/**
 * An organization's keys share so many locks, and its targets as many: one publish may go to 50,000 targets, and PostgreSQL has
 * room for some thousands of locks. Two chains with one lock wait for each other's commits, and for nothing else.
 */
const LOCKS_OF_ORGANIZATION = 256n;

/** Whether an event with this key waits for others on its way to a target with this ordering. */
export const isInOrder = (ordering: DeliveryOrdering, orderingKey: string | null): boolean =>
  ordering === 'TARGET' || (ordering === 'KEY' && orderingKey !== null);

/** The chain of an event for a target; null: none. `space`: the schema, because locks belong to the whole database. */
export function chainOf(space: string, target: OrderedTarget, orderingKey: string | null): Chain | null {
  const { id, organizationId, ordering } = target;
  if (!isInOrder(ordering, orderingKey)) return null;
  if (ordering === 'TARGET') return { chain: hash('target'), lock: sharedLock(space, 'targets', organizationId, id) };
  return { chain: hash('key', orderingKey!), lock: sharedLock(space, 'keys', organizationId, orderingKey!) };
}

function sharedLock(space: string, kind: string, organizationId: string, name: string): string {
  const bucket = BigInt.asUintN(64, BigInt(hash(name))) % LOCKS_OF_ORGANIZATION;
  return hash(space, kind, organizationId, String(bucket));
}

/** The chain of a replayed event; null: none. */
export function replayChainOf(
  space: string,
  { id: replayId }: { readonly id: string },
  ordering: DeliveryOrdering,
  orderingKey: string | null,
): Chain | null {
  if (!isInOrder(ordering, orderingKey)) return null;
  const name = ordering === 'KEY' ? ['key', orderingKey!] : ['target'];
  return { chain: hash('replay', replayId, ...name), lock: replayLock(space, replayId) };
}

/** The lock of all chains of a replay. */
export const replayLock = (space: string, replayId: string): string => hash(space, 'replay', replayId);

function hash(...parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  return digest.readBigInt64BE().toString();
}
