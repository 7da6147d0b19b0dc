/** Writers of changes that behave as badly as a pipeline can, on connections that break under them. */
import pg from 'pg';
import { recordDeliveryChanges, type DeliveryChange } from '../../../src/live/changes/delivery-changes.ts';
import { createRandom } from '../../support/changes.ts';
import { createCounter, type Counter } from './counter.ts';

/** The deliveries whose changes are written: real rows, because subscribers read them. */
export type Scene = {
  readonly organizationId: string;
  readonly targetId: string;
  readonly deliveryIds: readonly string[];
};

export type Writers = {
  /** Changes that were acknowledged by a commit. */
  readonly acknowledged: Counter;
  /** Changes that may have been acknowledged by now; writers wait at this limit. */
  readonly allowed: Counter;
  /** Transactions that were rolled back, that Postgres failed, and that were held open for long. */
  readonly transactions: { rolledBack: number; failed: number; held: number };
  /** Resolves when all changes are written and no transaction is open. */
  readonly finished: Promise<void>;
};

type Options = {
  readonly databaseUrl: string;
  readonly scene: Scene;
  readonly writers: number;
  /** Of all writers together. */
  readonly changes: number;
  /** After each commit. */
  readonly onCommit: () => void;
};

const OPEN_AT_ONCE = 3;
/** How many transactions of its writer a held one lets pass. */
const HELD_FOR = 40;

export function startWriters({ databaseUrl, writers, changes, scene, onCommit }: Options): Writers {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: writers * (OPEN_AT_ONCE + 1) });
  pool.on('error', () => {}).on('connect', (client) => client.on('error', () => {}));
  const acknowledged = createCounter();
  const allowed = createCounter();
  const transactions = { rolledBack: 0, failed: 0, held: 0 };
  const each = Math.ceil(changes / writers);
  const write = (index: number) =>
    runWriter({ pool, scene, onCommit, writers, acknowledged, allowed, transactions, each, seed: index + 1 });
  const finished = Promise.all(Array.from({ length: writers }, (_, index) => write(index))).then(() => pool.end());
  return { acknowledged, allowed, transactions, finished };
}

type WriterOptions = Pick<Options, 'scene' | 'onCommit' | 'writers'> &
  Omit<Writers, 'finished'> & { readonly pool: pg.Pool; readonly each: number; readonly seed: number };

type Open = { readonly client: pg.PoolClient; readonly size: number; readonly isHeld: boolean; readonly until: number };

/**
 * Transactions of 1 to 5 changes, up to three open at once and ended in any order, so that ids and commits disagree. One in
 * ten is rolled back; besides, one may be held open while dozens of later ones commit.
 */
async function runWriter(options: WriterOptions): Promise<void> {
  const { scene, onCommit, writers, acknowledged, allowed, transactions, pool, each, seed } = options;
  const random = createRandom(seed);
  let open: Open[] = [];
  let written = 0;
  let nth = 0;

  const begin = async () => {
    const size = 1 + Math.floor(random() * 5);
    const isHeld = random() < 0.02 && !open.some((one) => one.isHeld);
    const client = await pool.connect();
    open.push({ client, size, isHeld, until: ++nth + (isHeld ? HELD_FOR : 0) });
    if (isHeld) transactions.held++;
    await client.query('begin');
    await recordDeliveryChanges(
      client,
      Array.from({ length: size }, () => newChange(scene, random)),
    );
  };

  const endOne = async () => {
    const ready = open.filter(({ until }) => nth >= until || written >= each);
    const one = ready[Math.floor(random() * ready.length)];
    if (!one) return;
    const isCommit = random() >= 0.1;
    await one.client.query(isCommit ? 'commit' : 'rollback');
    one.client.release();
    open = open.filter((other) => other !== one);
    if (!isCommit) return void transactions.rolledBack++;
    written += one.size;
    acknowledged.add(one.size);
    onCommit();
  };

  while (written < each || open.length > 0) {
    await allowed.reached(Math.min(written, each) * writers);
    try {
      const room = OPEN_AT_ONCE - open.filter(({ isHeld }) => !isHeld).length;
      if (written < each && room > 0) await begin();
      if (written >= each || room <= 1 || random() < 0.4) await endOne();
    } catch {
      transactions.failed += open.length; // Lost, or committed without a word: the table knows.
      for (const { client } of open) client.release(true);
      open = [];
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const STATUSES = ['RETRYING', 'DELIVERED', 'FAILED', 'PENDING'] as const;

function newChange({ organizationId, targetId, deliveryIds }: Scene, random: () => number): DeliveryChange {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  return {
    organizationId,
    targetId,
    deliveryId: pick(deliveryIds),
    eventId: targetId,
    eventType: 'user.created',
    previousStatus: pick(STATUSES),
    status: pick(STATUSES),
    attemptNumber: pick([null, 1]),
    occurredAt: new Date(),
  };
}
