/** Expected failures of mutations, as data. */
import type { FieldMap } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { Effect } from '../../database/effect.ts';
import { USER_ERROR_CODES, succeed, type Result, type UserError, type UserErrorCode } from '../../errors.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';

const CODES: { readonly [Code in UserErrorCode]: string } = {
  INVALID: 'The value has the wrong form. The message says which one is right.',
  REQUIRED: 'A value is missing, or empty where it may not be.',
  TOO_LONG: 'The text has too many characters. The message gives the limit and the length.',
  TOO_MANY:
    'The list has too many entries, or the organization has as many of these objects as it may. The message gives the limit.',
  NOT_FOUND: 'No object has this id. Objects of other organizations and deleted ones are not found either.',
  ALREADY_EXISTS: 'There is an object of this name already.',
  UNKNOWN_EVENT_TYPE: 'No event type has this name, or it is archived. The message names the unknown ones.',
  FORBIDDEN_ADDRESS:
    'The URL leads to an address that targets may not have, such as a private or loopback one, or to the port of ' +
    'another protocol.',
  INVALID_STATE: 'The object exists, but its state does not allow this: a delivered delivery cannot be cancelled.',
  PAYLOAD_INVALID:
    'The data of an event is no deliverable JSON, does not satisfy the JSON Schema of its type, or takes too long to check.',
  PAYLOAD_TOO_LARGE: 'The data of an event has more than 256 KiB of JSON.',
  IDEMPOTENCY_MISMATCH: 'The idempotencyKey was used for an event with other content.',
};

const UserErrorCodeEnum = builder.enumType('UserErrorCode', {
  description: 'What kind of failure it is: stable, for programs to decide on.',
  values: Object.fromEntries(USER_ERROR_CODES.map((code) => [code, { value: code, description: CODES[code] }])) as {
    readonly [Code in UserErrorCode]: { readonly value: Code; readonly description: string };
  },
});

const UserErrorType = builder.objectRef<UserError>('UserError').implement({
  description:
    'An expected failure of a mutation: bad input, a missing object, a wrong state. All failures that were found are ' +
    'reported at once, and nothing was changed. Everything else (no access, limits, faults of the service) is a ' +
    'top-level error with a code in its extensions.',
  fields: (t) => ({
    field: t.stringList({
      nullable: true,
      description:
        'Path of the input field at fault, from the argument on, list indexes included: `["input", "events", "3", ' +
        '"eventType"]`. Null when no single field is.',
      resolve: ({ field }) => field,
    }),
    message: t.exposeString('message', {
      description: 'What was expected, what came, what to do. For people; its wording may change.',
    }),
    code: t.field({ type: UserErrorCodeEnum, description: 'For programs.', resolve: ({ code }) => code }),
  }),
});

/** What a mutation answers: what it did, or why it did nothing. */
export type Payload<Value> = { readonly value: Value | null; readonly userErrors: readonly UserError[] };

/**
 * The payload of a mutation whose one function `work` runs. With an idempotency key, the function remembers what it did by
 * the effect it is given; a field that an earlier runner of the same request has done already is not done again.
 * What became of it is noted for the log: `eventIdsOf` says which events were published.
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
  reads.renew(); // Its payload shows what it has committed.
  if (result.ok) note({ eventIds: eventIdsOf(result.value) });
  else note({ userErrorCodes: result.userErrors.map(({ code }) => code) });
  return payloadOf(result);
}

const payloadOf = <Value>(result: Result<Value>): Payload<Value> =>
  result.ok ? { value: result.value, userErrors: [] } : { value: null, userErrors: result.userErrors };

type PayloadFields<Value> = (
  t: PothosSchemaTypes.ObjectFieldBuilder<typeof builder.$inferSchemaTypes, Payload<Value>>,
) => FieldMap;

/**
 * Defines a payload type: its own fields, and userErrors. Fields get the ids of what was done and load the rest when
 * it is selected: a mutation is answered whatever its client selects.
 */
export const payloadType = <Value>(name: string, description: string, fields: PayloadFields<Value>) =>
  builder.objectRef<Payload<Value>>(name).implement({
    description,
    fields: (t) => ({
      ...fields(t),
      userErrors: t.field({
        type: [UserErrorType],
        description: 'Why nothing was done; empty when it was.',
        resolve: ({ userErrors }) => userErrors,
      }),
    }),
  });
