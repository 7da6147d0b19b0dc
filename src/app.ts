/**
 * The only place, with app/, where things are wired together: what starts, in which order, and how it stops. In app/, read
 * foundation.ts first, then the two roles on it, api.ts and worker.ts; then readiness.ts and commit-watch.ts (whether the
 * process can work), meters.ts and log.ts (what it tells of itself), stop-request.ts (how it is asked to stop), tools.ts (the same
 * parts for one command), and doctor/ (what is wrong, asked by an operator).
 */
import { startServer } from './app/api.ts';
import { layFoundation, requireMasterKey } from './app/foundation.ts';
import { completeConfig } from './app/local.ts';
import { createLogger } from './app/log.ts';
import { stopParts } from './app/stop-parts.ts';
import { startWorker } from './app/worker.ts';
import { systemClock, type Clock } from './clock.ts';
import type { Config } from './config.ts';
import { OWN_CATALOG } from './domain/event-types/catalogs.ts';
import type { Log } from './log-event.ts';
import { bootstrap } from './manage/bootstrap.ts';

export type App = {
  /** Where the server listens. */
  readonly url: string;
  /** Where /metrics and the probes listen, when they have another port. */
  readonly adminUrl: string | undefined;
  readonly logger: Log;
  /** For how long nothing was done for any organization. */
  restingMs(): number;
  /** Finishes what is under way, then closes everything in order. Idempotent. */
  stop(): Promise<void>;
};

export type AppOptions = {
  /** Default: the system's clock, corrected by that of Postgres. */
  readonly clock?: Clock;
  readonly logger?: Log;
  /** The bootstrap key, when this start stores one: nobody can read it again. */
  readonly onNewApiKey?: (apiKey: string) => void;
  /** When it is aborted during the start, the start is given up: its promise rejects with the reason, and all parts are stopped. */
  readonly stopRequested?: AbortSignal;
};

const CURE_OF_NAMES =
  'These variables are no settings and change nothing. Rename each to what was meant, or remove it.';

export async function startApp(config: Config, options: AppOptions = {}): Promise<App> {
  const logger = options.logger ?? createLogger(config);
  if (config.misspelt.length > 0) logger.warn({ misspelt: config.misspelt, cure: CURE_OF_NAMES }, 'settings.misspelt');
  const parts = new AsyncDisposableStack();
  const { stopRequested } = options;
  try {
    const complete = await completeConfig(config, { clock: systemClock, parts });
    stopRequested?.throwIfAborted();
    const foundation = await layFoundation(complete, { ownClock: options.clock, logger, parts, stopRequested });
    stopRequested?.throwIfAborted();
    const { bootstrapApiKey, serviceEvents } = config;
    const eventCatalogs = [...config.eventCatalogs, ...(serviceEvents ? [OWN_CATALOG] : [])];
    const { newApiKey } = await bootstrap({ ...foundation, bootstrapApiKey, eventCatalogs });
    if (newApiKey !== null) options.onNewApiKey?.(newApiKey);
    await requireMasterKey(foundation);
    stopRequested?.throwIfAborted(); // Last before the worker takes jobs.
    const worker = config.roles.has('worker') ? await startWorker(foundation, parts) : undefined;
    const { url, adminUrl } = await startServer(foundation, worker, parts);
    const roles = [...config.roles].join(',');
    logger.info({ mode: config.mode, roles, url, adminUrl, brand: config.webhookBrand }, 'service.started');
    let stopping: Promise<void> | undefined;
    const { fairShare } = foundation;
    const stop = () => (stopping ??= stopParts(parts, logger));
    return { url, adminUrl, logger, restingMs: () => fairShare.restingMs, stop };
  } catch (error) {
    await stopParts(parts, logger);
    throw error;
  }
}
