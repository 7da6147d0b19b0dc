/** Reads a publish input without the database: everything that can be refused by looking at it. */
import { isEventTypeName } from '../../domain/event-type.ts';
import { isId } from '../../domain/ksuid.ts';
import type { CheckBudget } from '../../domain/schemas/budget.ts';
import { readPayload } from '../../domain/payload.ts';
import { notFound, type Principal } from '../../domain/reach.ts';
import { MAX_CUSTOMER_ID } from '../../domain/target.ts';
import { checkText, explainIdempotencyKey, quote } from '../../domain/text.ts';
import { fail, succeed, userError, type Result, type UserError } from '../../errors.ts';

export type PublishInput = {
  readonly eventType: string;
  /** Parsed JSON. */
  readonly data?: unknown;
  readonly rawData?: string | null | undefined;
  readonly customerId?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  /** Default: the caller's; another one needs a platform admin. */
  readonly organizationId?: string | null | undefined;
};

export type PublishCaller = Principal & {
  /** Of the operation: all its publishes share it. Default: each has its own. */
  readonly checkBudget?: CheckBudget;
};

/** An event to be: readable, but not yet looked up. */
export type Draft = {
  readonly organizationId: string;
  readonly eventType: string;
  readonly dataText: string;
  /** Which field it came in. */
  readonly dataField: 'data' | 'rawData';
  readonly customerId: string | null;
  readonly idempotencyKey: string | null;
  /** Where the event stands in the input, for errors. */
  readonly path: FieldPath;
};

type FieldPath = readonly (string | number)[];

export function readInput(caller: PublishCaller, input: PublishInput, path: FieldPath): Result<Draft> {
  const payload = readPayload(input, path);
  const userErrors: UserError[] = payload.ok ? [] : [...payload.userErrors];
  const refuse = (code: UserError['code'], field: string, message: string) =>
    userErrors.push(userError(code, [...path, field], message));

  const organizationId = input.organizationId ?? caller.organizationId;
  const isOwn = organizationId === caller.organizationId;
  if (!isOwn && !(caller.isPlatformAdmin && isId(organizationId))) {
    userErrors.push(notFound('organization', organizationId, [...path, 'organizationId']));
  }
  const customerId = input.customerId ?? null;
  if (customerId !== null) {
    userErrors.push(...checkText([...path, 'customerId'], customerId, { most: MAX_CUSTOMER_ID, required: true }));
  }
  const idempotencyKey = input.idempotencyKey ?? null;
  const keyProblem = idempotencyKey === null ? null : explainIdempotencyKey(idempotencyKey);
  if (keyProblem !== null) refuse('INVALID', 'idempotencyKey', `Expected ${keyProblem}`);
  if (!isEventTypeName(input.eventType)) {
    const shape = 'Event types are lower case words joined by dots, such as transaction.auto.updated';
    refuse('UNKNOWN_EVENT_TYPE', 'eventType', `Unknown event type: ${quote(input.eventType)}. ${shape}.`);
  }
  if (!payload.ok || userErrors.length > 0) return fail(...userErrors);
  const { eventType } = input;
  const dataField = input.rawData == null ? 'data' : 'rawData';
  return succeed({ organizationId, eventType, dataText: payload.value, dataField, customerId, idempotencyKey, path });
}
