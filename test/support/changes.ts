/** Writing changes as the pipeline does, reading the table's history, and following a stream. */
import type pg from 'pg';
import { expect } from 'vitest';
import type { Sql } from '../../src/database/statement.ts';
import { recordDeliveryChanges, type DeliveryChange } from '../../src/live/changes/delivery-changes.ts';
import type { Change } from '../../src/live/feed.ts';

/** A change as subscribers are given it. */
export type SeenChange = Change<DeliveryChange>;

/** A change that a test cares about in some fields only. */
export const newChange = (fields: Partial<DeliveryChange> = {}): DeliveryChange => ({
  organizationId: 'acme',
  deliveryId: 'delivery-1',
  targetId: 'target-1',
  eventId: 'event-1',
  eventType: 'user.created',
  previousStatus: 'PENDING',
  status: 'DELIVERED',
  attemptNumber: 1,
  occurredAt: new Date('2026-01-15T10:30:00.000Z'),
  ...fields,
});

/** `count` changes of deliveries `<prefix>0`, `<prefix>1`, … */
export const newChanges = (count: number, prefix: string, fields: Partial<DeliveryChange> = {}): DeliveryChange[] =>
  Array.from({ length: count }, (_, index) => newChange({ deliveryId: `${prefix}${index}`, ...fields }));

/** A transaction that has recorded changes and is still open. */
export type OpenTransaction = {
  record(...changes: readonly DeliveryChange[]): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
};

export async function openTransaction(
  pool: pg.Pool,
  ...changes: readonly DeliveryChange[]
): Promise<OpenTransaction & AsyncDisposable> {
  const client = await pool.connect();
  await client.query('begin');
  await recordDeliveryChanges(client, changes);
  let isOpen = true;
  const end = async (command: 'commit' | 'rollback') => {
    if (!isOpen) return;
    isOpen = false;
    await client.query(command).finally(() => client.release());
  };
  return {
    record: (...more) => recordDeliveryChanges(client, more),
    commit: () => end('commit'),
    rollback: () => end('rollback'),
    [Symbol.asyncDispose]: () => end('rollback'),
  };
}

/** Numbers in [0, 1) that repeat with the seed. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

type WriterOptions = {
  readonly pool: pg.Pool;
  readonly name: string;
  readonly changes: number;
  readonly seed: number;
  readonly onCommit: () => void;
  /** Fields of the nth change. */
  readonly fields?: (nth: number, random: () => number) => Partial<DeliveryChange>;
};

const OPEN_AT_ONCE = 3;

/**
 * Writes in transactions of 1 to 5 changes. Holds up to three of them open and ends them in any order, so that ids and
 * commits disagree; one in ten is rolled back and written again.
 */
export async function writeOutOfOrder({ pool, name, changes, seed, onCommit, fields }: WriterOptions): Promise<void> {
  const random = createRandom(seed);
  const open: { transaction: OpenTransaction; size: number }[] = [];
  let written = 0;
  let nth = 0;

  const endOne = async (mayRollBack: boolean) => {
    const [{ transaction, size }] = open.splice(Math.floor(random() * open.length), 1) as [(typeof open)[number]];
    if (mayRollBack && random() < 0.1) {
      written -= size;
      return transaction.rollback();
    }
    await transaction.commit();
    onCommit();
  };

  while (written < changes) {
    const size = Math.min(1 + Math.floor(random() * 5), changes - written);
    const batch = Array.from({ length: size }, () =>
      newChange({ deliveryId: `${name}-${nth}`, ...fields?.(nth++, random) }),
    );
    open.push({ transaction: await openTransaction(pool, ...batch), size });
    written += size;
    while (open.length >= OPEN_AT_ONCE || (open.length > 0 && random() < 0.4)) await endOne(true);
    if (written === changes) while (open.length > 0) await endOne(true);
  }
}

/** `xid.seq` of every committed change, in the order of the stream. */
export async function tableHistory(database: { readonly pool: Sql }, where = 'true'): Promise<string[]> {
  const { rows } = await database.pool.query(
    `select c.xid || '.' || c.seq as place from delivery_changes c where ${where} order by c.xid, c.seq`,
  );
  return rows.map(({ place }) => place as string);
}

/**
 * Resolves when all that is committed is final. Transactions of other tests hold it up, because they run on the same
 * cluster.
 */
export async function untilFinal({ pool }: { readonly pool: Sql }, table = 'delivery_changes'): Promise<void> {
  const waiting = `select count(*)::int as count from ${table} c where c.xid >= pg_snapshot_xmin(pg_current_snapshot())`;
  await expect
    .poll(async () => (await pool.query(waiting)).rows, { interval: 5, timeout: 20_000 })
    .toEqual([{ count: 0 }]);
}

export const placeOf = ({ position }: SeenChange): string => `${position.xid}.${position.seq}`;

/** The next `count` changes of a stream. Fails when it ends before. */
export async function take(stream: AsyncIterator<SeenChange>, count: number): Promise<SeenChange[]> {
  const changes: SeenChange[] = [];
  while (changes.length < count) {
    const { value, done } = await stream.next();
    if (done) throw new Error(`The stream ended after ${changes.length} of ${count} changes`);
    changes.push(value as SeenChange);
  }
  return changes;
}

/** Reads on until the change of this delivery, which is included. */
export async function takeUntil(stream: AsyncIterator<SeenChange>, deliveryId: string): Promise<SeenChange[]> {
  const changes: SeenChange[] = [];
  for (;;) {
    const change = (await take(stream, 1))[0]!;
    changes.push(change);
    if (change.deliveryId === deliveryId) return changes;
  }
}
