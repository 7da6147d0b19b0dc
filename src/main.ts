/** Runs the service until a signal, then stops it in order. A second signal forces. */
import { startApp } from './app.ts';
import { loadConfig } from './config.ts';

try {
  const config = loadConfig();
  const app = await startApp(config);
  if (app.newApiKey !== null && config.bootstrapApiKey === undefined) {
    console.log(`PLATFORM_ADMIN API key, shown this once: ${app.newApiKey}`);
  }
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (isStopping) process.exit(1);
    isStopping = true;
    app.logger.info({ signal }, 'service.stopping');
    void app.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
} catch (error) {
  const { name, message, stack } = error as Error;
  console.error(name === 'ConfigError' ? message : stack);
  process.exit(1);
}
