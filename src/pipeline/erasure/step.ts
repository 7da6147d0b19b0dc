/**
 * One step of an erasure: one transaction, which locks the erasure's row, erases the next events and moves the position past
 * them. So a worker that is killed leaves either all of a step or nothing of it, and the next worker goes on from there.
 *
 *     which events are all committed? ─▶ find the next ones ─▶ lock the chains of their deliveries ─▶ lock the row, if its lease
 *       is still ours ─▶ erase them, or delete them with their organization ─▶ write position, counts and lease
 *
 * What is committed is erased at once. The position passes no id that a publish under way may still add (../horizon.ts), so
 * an erasure is over about 20 seconds after `before`, and has then seen every event published before it.
 */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/client.ts';
import { eraseFromAnswers } from '../../database/held-requests.ts';
import type { KeyHash } from '../../database/key-hash.ts';
import { EVENTS_OF_CUSTOMER, isBuilt } from '../../database/migrate/late-indexes.ts';
import type { Queue } from '../../database/queue.ts';
import { IN_INDEX_ORDER, type Sql } from '../../database/statement.ts';
import { scopeOf } from '../../domain/erasure.ts';
import { firstIdAt } from '../../domain/ksuid.ts';
import type { Seal } from '../../domain/seal/seal.ts';
import { settledBefore } from '../horizon.ts';
import { lockChainsOfEvents } from '../../live/order/lock-chains.ts';
import { deleteErased, deleteRest } from './delete-organization.ts';
import { eraseEvents, MOST_DELIVERIES, NOTHING_ERASED } from './erase-events.ts';
import { lockErasure, readErasure, saveErasure, type ErasureProgress, type LockedErasure } from './erasure-rows.ts';
import { endOf, findEvents } from './find-events.ts';

export type ErasureStepOptions = {
  readonly database: Pick<Database, 'transaction'>;
  readonly queue: Pick<Queue, 'discard' | 'insertingFrom'>;
  readonly clock: Clock;
  readonly seal: Seal;
  readonly keyHash: Pick<KeyHash, 'of'>;
};

/** `released`: how many deliveries have a job now, which waited for those that it cancelled. */
export type ErasureStepped = ErasureProgress & { readonly erasure: LockedErasure; readonly released: number };

/** Makes a step of at most `limit` events. Undefined when the erasure is over, or another worker's. */
export type ErasureStep = (erasureId: string, runner: string, limit: number) => Promise<ErasureStepped | undefined>;

/** How often an erasure looks whether the last events before its end are committed. */
const IDLE_MS = 1_000;

export const createErasureStep =
  (options: ErasureStepOptions): ErasureStep =>
  (erasureId, runner, limit) =>
    options.database.transaction(async (tx) => {
      await tx.query(IN_INDEX_ORDER);
      const now = options.clock.now();
      const found = await findNext(tx, await readErasure(tx, erasureId, runner), limit, now);
      const chainLocks = await lockChainsOfEvents(tx, found?.ids ?? [], MOST_DELIVERIES);
      const erasure = await lockErasure(tx, erasureId, runner);
      if (!erasure) return undefined;
      const done = found ? await move(tx, erasure, { ...options, ...found, chainLocks, limit, now }) : notNow(erasure);
      await saveErasure(tx, erasure, done, now);
      return { erasure, ...done };
    });

/** The next events, and the id before which all are committed. */
type Found = { readonly ids: readonly string[]; readonly horizon: string };

/** Finds what the next step is about. Nothing is locked yet. Undefined: it cannot be found now, or the erasure is not ours. */
async function findNext(
  tx: Sql,
  erasure: LockedErasure | undefined,
  limit: number,
  now: Date,
): Promise<Found | undefined> {
  if (!erasure) return undefined;
  if (scopeOf(erasure).kind === 'customer' && !(await isBuilt(tx, EVENTS_OF_CUSTOMER))) return undefined;
  const horizon = firstIdAt(await settledBefore(tx, now));
  return { horizon, ids: await findEvents(tx, erasure, { horizon, limit }) };
}

type Done = ErasureProgress & { readonly released: number };

const notNow = ({ position }: LockedErasure): Done => {
  const waiting = { position, isOver: false, waitMs: IDLE_MS };
  return { erased: 0, cancelled: 0, released: 0, ...waiting };
};

type Moving = ErasureStepOptions &
  Found & { readonly chainLocks: readonly string[]; readonly limit: number; readonly now: Date };

async function move(tx: Sql, erasure: LockedErasure, moving: Moving): Promise<Done> {
  const scope = scopeOf(erasure);
  const { ids, horizon, seal, keyHash, limit } = moving;
  const some = ids.length === 0 ? NOTHING_ERASED : await eraseEvents(tx, ids, moving);
  if (some.done.length > 0) await eraseFromAnswers(tx, some.done, { seal, keyHash });
  if (scope.kind === 'organization') await deleteErased(tx, some.done);

  const isWhole = some.done.length === ids.length;
  const last = isWhole && ids.length < limit ? endOf(erasure) : (some.done.at(-1) ?? erasure.position);
  const position = last < horizon ? last : horizon > erasure.position ? horizon : erasure.position;
  const progress = { ...some, position };
  if (!isWhole || ids.length === limit) return { ...progress, isOver: false, waitMs: 0 };
  if (position < endOf(erasure)) return { ...progress, isOver: false, waitMs: IDLE_MS };
  if (scope.kind === 'organization' && (await deleteRest(tx, erasure, limit))) {
    return { ...progress, isOver: false, waitMs: 0 };
  }
  return { ...progress, isOver: true, waitMs: 0 };
}
