/** The start command: sets what only a start can set, then runs the service. */
import { restartWithMemorySettings, restartWithoutCompiler } from './app/memory.ts';
import { listenForStop } from './app/stop-request.ts';

restartWithMemorySettings();
const request = listenForStop(); // Before anything else is loaded: in a container, a signal that comes earlier, or in a restart, is lost.
const { serve } = await import('./serve.ts'); // Only now: what is loaded before a restart is loaded twice.
await restartWithoutCompiler(request.signal);
await serve(request);
