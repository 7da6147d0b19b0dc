/**
 * Preloaded into a worker (`--import`): everything is the service's own but the sending. A request is a pause of
 * `SIMULATED_PAUSE_MS`, then the answer 204. So a worker takes so little processor that many of them find the limit of one
 * PostgreSQL on a small machine.
 */
import { registerHooks } from 'node:module';

const REAL = /\/pipeline\/deliver\/send\.ts$/;

registerHooks({
  resolve(specifier, context, nextResolve) {
    const found = nextResolve(specifier, context);
    const isWanted = REAL.test(found.url) && context.parentURL?.endsWith('/src/app/worker.ts') === true;
    return isWanted ? { ...found, url: new URL('./simulated-sender.ts', import.meta.url).href } : found;
  },
});
