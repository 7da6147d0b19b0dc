/** How the parts of a process are stopped. */
import { type Log, logFault } from '../log-event.ts';

/**
 * Stops every part, the last one first, because later parts depend on earlier ones. A part that fails to stop is logged and
 * holds up no other.
 */
export async function stopParts(parts: AsyncDisposableStack, logger: Pick<Log, 'warn' | 'error'>): Promise<void> {
  try {
    await parts.disposeAsync();
  } catch (error) {
    for (const failure of failuresOf(error)) logFault(logger, { name: 'stop.failed', err: failure });
  }
}

/** The failures of a disposal, the oldest first: a SuppressedError carries the failures before it. */
const failuresOf = (error: unknown): unknown[] =>
  error instanceof SuppressedError ? [...failuresOf(error.suppressed), ...failuresOf(error.error)] : [error];
