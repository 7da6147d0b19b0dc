/**
 * The id under which a result is sent as an event: the cursor of its change. It is kept beside the result, because a client need
 * not ask for the cursor, and may give it another name.
 */
import type { ExecutionResult } from 'graphql';

const ids = new WeakMap<ExecutionResult, string>();

/** Notes of which change this is the result. */
export function noteEventId(result: ExecutionResult, change: unknown): void {
  const cursor = (change as { readonly cursor?: unknown } | null | undefined)?.cursor;
  if (typeof cursor === 'string') ids.set(result, cursor);
}

/** Undefined for what is no result of a change. */
export const eventIdOf = (result: ExecutionResult): string | undefined => ids.get(result);
