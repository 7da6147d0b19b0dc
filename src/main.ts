/** The start command: sets what only a start can set, then runs the service. */
import { restartWithMemorySettings } from './app/memory.ts';

restartWithMemorySettings();
await import('./serve.ts'); // Only now: what is loaded before a restart is loaded twice.
