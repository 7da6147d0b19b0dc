/** Expected failures of mutations, as data: the type UserError and its codes. */
import { USER_ERROR_CODES, type UserError, type UserErrorCode } from '../../errors.ts';
import { builder } from './builder.ts';

const CODES: { readonly [Code in UserErrorCode]: string } = {
  INVALID: 'The value has the wrong form. The message says which form is right.',
  REQUIRED: 'A value is missing, or empty where it may not be.',
  TOO_LONG: 'The text has too many characters. The message gives the limit and the length.',
  TOO_MANY:
    'The list has too many entries, or the organization has as many of these objects as it may. The message gives the limit.',
  NOT_FOUND: 'No object has this id. Objects of other organizations and deleted ones are not found either.',
  ALREADY_EXISTS: 'An object with this name exists already.',
  UNKNOWN_EVENT_TYPE:
    'No event type has this name or prefix, or it is archived. The message says which one was probably meant.',
  FORBIDDEN_ADDRESS:
    'The URL leads to an address that targets may not have, such as a private or loopback one, or to the port of ' +
    'another protocol.',
  INVALID_STATE:
    'The object exists, but its state does not allow this: for example, a delivered delivery cannot be cancelled.',
  PAYLOAD_INVALID:
    'The data of an event cannot be delivered as JSON, does not satisfy the JSON Schema of its type, or takes too ' +
    'long to check.',
  PAYLOAD_TOO_LARGE: 'The data of an event has more than 256 KiB of JSON.',
  IDEMPOTENCY_MISMATCH: 'The idempotencyKey was used for an event with other content.',
};

const UserErrorCodeEnum = builder.enumType('UserErrorCode', {
  description: 'The kind of a failure. It is stable, so that programs can decide by it.',
  values: Object.fromEntries(USER_ERROR_CODES.map((code) => [code, { value: code, description: CODES[code] }])) as {
    readonly [Code in UserErrorCode]: { readonly value: Code; readonly description: string };
  },
});

export const UserErrorType = builder.objectRef<UserError>('UserError').implement({
  description:
    'An expected failure of a mutation: bad input, a missing object, a wrong state. All failures that were found are ' +
    'reported at once, and nothing was changed. Everything else (no access, limits, faults of the service) is a ' +
    'top-level error with a code in its extensions.',
  fields: (t) => ({
    field: t.stringList({
      nullable: true,
      description:
        'Path of the input field at fault, from the argument on, list indexes included: `["input", "events", "3", ' +
        '"eventType"]`. Null when no single field is at fault.',
      resolve: ({ field }) => field,
    }),
    message: t.exposeString('message', {
      description: 'What was expected, what came, what to do. It is for people; its wording may change.',
    }),
    code: t.field({
      type: UserErrorCodeEnum,
      description: 'The kind of the failure, for programs.',
      resolve: ({ code }) => code,
    }),
  }),
});
