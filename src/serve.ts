/** Runs the service until a signal, then stops it in order. A second signal forces. */
import { once } from 'node:events';
import { flushCompileCache } from 'node:module';
import { startApp } from './app.ts';
import { explainFailure } from './app/explain-failure.ts';
import { createLogger, type WrittenLog } from './app/log.ts';
import { createMemorySparer, SPARE_MEMORY_MS } from './app/spare-memory.ts';
import type { StopRequest, StopRequested } from './app/stop-request.ts';
import { systemClock } from './clock.ts';
import { loadConfig, type Config } from './config.ts';
import type { Log } from './log-event.ts';

const STOP_LIMIT_MS = 30_000;

/** The process exits at the end, with 0 when it was asked to stop and stopped in order. */
export async function serve(request: StopRequest): Promise<void> {
  try {
    const config = loadConfig();
    const logger = createLogger(config);
    const stopped = stopInOrder(request, logger);
    await runService(config, logger, request.signal);
    stopped();
  } catch (error) {
    console.error(explainFailure(error as NodeJS.ErrnoException));
    process.exit(1);
  }
}

/** Resolves when the service has stopped, because it was asked to. */
async function runService(config: Config, logger: Log, stopRequested: AbortSignal): Promise<void> {
  try {
    const app = await startApp(config, {
      logger,
      stopRequested,
      // As soon as the key is stored: a start that fails later must still show it. Not on standard output, which is the log.
      onNewApiKey: (key) => {
        if (config.bootstrapApiKey === undefined) console.error(`PLATFORM_ADMIN API key, shown this once: ${key}`);
      },
    });
    flushCompileCache(); // A process that is killed leaves the next one what it has compiled, too.
    setInterval(createMemorySparer(app.restingMs), SPARE_MEMORY_MS).unref();
    if (!stopRequested.aborted) await once(stopRequested, 'abort');
    await app.stop();
  } catch (error) {
    if (!stopRequested.aborted) throw error; // Otherwise the start was given up, and what it had started is stopped.
  }
}

/** Logs the request to stop, and forces the end when it has to. Returns what ends the process when all is stopped. */
function stopInOrder({ signal, forced }: StopRequest, logger: WrittenLog): () => void {
  const by = () => (signal.reason as StopRequested).by;
  let beganMs = 0;

  function begin(): void {
    beganMs = systemClock.monotonicMs();
    logger.info({ signal: by() }, 'service.stopping');
    setTimeout(() => force(`not stopped within ${STOP_LIMIT_MS / 1_000} s`), STOP_LIMIT_MS).unref();
    void forced.then((second) => force(`${second} came while it was stopping`));
  }

  function force(reason: string): never {
    logger.error({ signal: by(), reason, cure: FORCED_CURE }, 'service.stop_forced');
    process.exit(1);
  }

  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return () => {
    logger.info({ signal: by(), durationMs: Math.round(systemClock.monotonicMs() - beganMs) }, 'service.stopped');
    logger.flush(() => process.exit(0));
  };
}

const FORCED_CURE =
  'Nothing is lost: another worker, or the next start, makes the attempts again that were under way. If it happens at each ' +
  'stop, look for what does not answer: PostgreSQL, or a proxy.';
