/** Notes where the remembered answer of a mutation shows the data of an event: an erasure takes them out again. */
import { responsePathAsArray, type GraphQLResolveInfo } from 'graphql';
import type { Context } from './context.ts';

/** `erased`: what the field shows once the event is erased. Without an idempotency key nothing is remembered, and nothing noted. */
export function hold({ lease }: Context, { path }: GraphQLResolveInfo, eventId: string, erased: unknown): void {
  if (!lease) return;
  lease.held.eventIds.add(eventId);
  lease.held.fields.push({ eventId, path: responsePathAsArray(path), erased });
}
