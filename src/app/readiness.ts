/** Answers /readyz: names what this process needs and does not have now. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';

type Options = {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly database: Pick<Database, 'pool' | 'isRefusing'>;
  /** Watches the publishes of this process. */
  readonly commits?: { isStalled(): boolean };
  /** Undefined in a process without the worker role. */
  readonly worker: { readonly healthy: boolean } | undefined;
};

/** Probes give up after a second or two; the answer must be there before. */
const PATIENCE_MS = 1_500;
/** Everybody who reaches the port may probe. So an answer counts for this long, and publishing keeps its connections. */
const KEPT_MS = 1_000;

/**
 * `database`: Postgres, or a free connection to it, has not answered in time, has just refused to write, or lacks our tables,
 * for example because the schema was renamed. `publish`: commits have been hanging or failing for seconds, as they do while a
 * synchronous standby is away. `worker`: it has not looked at the queue for seconds, or has committed no
 * outcome for as long while one waits (one of an ordered delivery may wait for a lock).
 */
export function createReadiness({ database, commits, worker, clock }: Options): () => Promise<readonly string[]> {
  let asking: Promise<boolean> | undefined;
  let answeredAtMs = -Infinity;

  /** Asks one question at a time: each question that hangs holds a connection until it times out. */
  async function ask(): Promise<boolean> {
    const askedAtMs = clock.monotonicMs();
    if (askedAtMs - answeredAtMs < KEPT_MS) return true;
    asking ??= database.pool
      .query('select from settings limit 1')
      .then(
        () => ((answeredAtMs = askedAtMs), true),
        () => false,
      )
      .finally(() => (asking = undefined));
    return asking;
  }

  return async () => {
    const isAnswering = await Promise.race([ask(), delay(PATIENCE_MS, false, { ref: false })]);
    const isWritable = isAnswering && !database.isRefusing();
    return [
      ...(isWritable ? [] : ['database']),
      ...(commits?.isStalled() ? ['publish'] : []),
      ...((worker?.healthy ?? true) ? [] : ['worker']),
    ];
  };
}
