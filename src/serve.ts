/** Runs the service until a signal, then stops it in order. A second signal forces. */
import { flushCompileCache } from 'node:module';
import { startApp } from './app.ts';
import { explainFailure } from './app/explain-failure.ts';
import { createMemorySparer, SPARE_MEMORY_MS } from './app/spare-memory.ts';
import { loadConfig } from './config.ts';

const STOP_LIMIT_MS = 30_000;

try {
  const config = loadConfig();
  const app = await startApp(config, {
    // As soon as the key is stored: a start that fails later must still show it.
    onNewApiKey: (key) => {
      if (config.bootstrapApiKey === undefined) console.log(`PLATFORM_ADMIN API key, shown this once: ${key}`);
    },
  });
  flushCompileCache(); // A process that is killed leaves the next one what it has compiled, too.
  setInterval(createMemorySparer(), SPARE_MEMORY_MS).unref();
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (isStopping) process.exit(1);
    isStopping = true;
    // What is still under way waits for something that does not answer. Jobs and the database are safe.
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    app.logger.info({ signal }, 'service.stopping');
    void app.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
} catch (error) {
  console.error(explainFailure(error as NodeJS.ErrnoException));
  process.exit(1);
}
