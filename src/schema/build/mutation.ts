/** How a mutation runs and answers: a value, or the user errors that say why nothing was done. */
import type { FieldMap } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { Effect } from '../../database/effect.ts';
import { succeed, type Result, type UserError } from '../../errors.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { UserErrorType } from './user-error.ts';

/** What a mutation answers: what it did, or why it did nothing. */
export type Payload<Value> = { readonly value: Value | null; readonly userErrors: readonly UserError[] };

/**
 * Runs `work`, the one function of a mutation, and returns its payload. With an idempotency key, `work` remembers what it did
 * by the effect it is given, and a field that an earlier runner of the same request has done is not done again. The outcome is
 * noted for the log: `eventIdsOf` says which events were published.
 */
export async function perform<Value extends object>(
  { lease, note, reads }: Context,
  { path }: GraphQLResolveInfo,
  work: (effect: Effect | undefined) => Promise<Result<Value>>,
  eventIdsOf: (value: Value) => readonly string[] = () => [],
): Promise<Payload<Value>> {
  const field = String(path.key);
  const done = lease?.recall(field) as Value | undefined;
  const result = done ? succeed(done) : await work(lease?.effect(field));
  reads.renew(); // The payload shows what the mutation has committed.
  if (result.ok) {
    const eventIds = eventIdsOf(result.value);
    note({ eventIds });
    for (const id of eventIds) lease?.held.eventIds.add(id);
  } else note({ userErrorCodes: result.userErrors.map(({ code }) => code) });
  return payloadOf(result);
}

/** The payload of a result. */
export const payloadOf = <Value>(result: Result<Value>): Payload<Value> =>
  result.ok ? { value: result.value, userErrors: [] } : { value: null, userErrors: result.userErrors };

type PayloadFields<Value> = (
  t: PothosSchemaTypes.ObjectFieldBuilder<typeof builder.$inferSchemaTypes, Payload<Value>>,
) => FieldMap;

/**
 * Defines a payload type: its own fields, and userErrors. Fields get the ids of what was done and load the rest only when it is
 * selected: a mutation is answered whatever its client selects.
 */
export const payloadType = <Value>(name: string, description: string, fields: PayloadFields<Value>) =>
  builder.objectRef<Payload<Value>>(name).implement({
    description,
    fields: (t) => ({
      ...fields(t),
      userErrors: t.field({
        type: [UserErrorType],
        description: 'Why nothing was done; empty when the mutation succeeded.',
        resolve: ({ userErrors }) => userErrors,
      }),
    }),
  });
