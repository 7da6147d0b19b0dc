/**
 * One step of an erasure: one transaction, which locks the erasure's row, erases the next events and moves the position past
 * them. So a worker that is killed leaves either all of a step or nothing of it, and the next worker goes on from there.
 *
 *     lock the row, if its lease is still ours ─▶ which events are all committed? ─▶ find the next ones ─▶ erase them, or delete
 *       them with their organization ─▶ write position, counts and lease
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
import { deleteErased, deleteRest } from './delete-organization.ts';
import { eraseEvents, type ErasedSome } from './erase-events.ts';
import { lockErasure, saveErasure, type ErasureProgress, type LockedErasure } from './erasure-rows.ts';
import { endOf, findEvents } from './find-events.ts';

export type ErasureStepOptions = {
  readonly database: Pick<Database, 'transaction'>;
  readonly queue: Pick<Queue, 'discard'>;
  readonly clock: Clock;
  readonly seal: Seal;
  readonly keyHash: Pick<KeyHash, 'of'>;
};

export type ErasureStepped = ErasureProgress & { readonly erasure: LockedErasure };

/** Makes a step of at most `limit` events. Undefined when the erasure is over, or another worker's. */
export type ErasureStep = (erasureId: string, runner: string, limit: number) => Promise<ErasureStepped | undefined>;

/** How often an erasure looks whether the last events before its end are committed. */
const IDLE_MS = 1_000;

export const createErasureStep =
  (options: ErasureStepOptions): ErasureStep =>
  (erasureId, runner, limit) =>
    options.database.transaction(async (tx) => {
      await tx.query(IN_INDEX_ORDER);
      const erasure = await lockErasure(tx, erasureId, runner);
      if (!erasure) return undefined;
      const now = options.clock.now();
      const done = await move(tx, erasure, { ...options, limit, now });
      await saveErasure(tx, erasure, done, now);
      return { erasure, ...done };
    });

/** While nothing is left but to wait for publishes that are under way. */
const NOTHING_DONE: ErasedSome = { done: [], erased: 0, cancelled: 0 };

type Moving = ErasureStepOptions & { readonly limit: number; readonly now: Date };

async function move(tx: Sql, erasure: LockedErasure, moving: Moving): Promise<ErasureProgress> {
  const scope = scopeOf(erasure);
  const nothing = { erased: 0, cancelled: 0, position: erasure.position, isOver: false, waitMs: IDLE_MS };
  if (scope.kind === 'customer' && !(await isBuilt(tx, EVENTS_OF_CUSTOMER))) return nothing;
  const { queue, keyHash, seal, limit, now } = moving;
  const horizon = firstIdAt(await settledBefore(tx, now));
  const ids = await findEvents(tx, erasure, { horizon, limit });
  const some = ids.length === 0 ? NOTHING_DONE : await eraseEvents(tx, ids, { queue, keyHash, now, horizon });
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
