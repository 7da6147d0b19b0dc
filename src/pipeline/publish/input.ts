/** Reads a publish input, and refuses what can be refused without the database. */
import { isEventTypeName } from '../../domain/event-types/event-type.ts';
import type { CheckBudget } from '../../domain/schemas/budget.ts';
import { readPayload } from '../../domain/payload.ts';
import { MAX_ORDERING_KEY } from '../../domain/order.ts';
import { refuseOrganization, type Principal } from '../../domain/reach.ts';
import { MAX_CUSTOMER_ID } from '../../domain/targets/target.ts';
import { checkTags } from '../../domain/tags.ts';
import { checkText, explainIdempotencyKey, quote } from '../../domain/text.ts';
import { fail, succeed, userError, type Result, type UserError } from '../../errors.ts';

export type PublishInput = {
  readonly eventType: string;
  /** The data as parsed JSON. */
  readonly data?: unknown;
  readonly rawData?: string | null | undefined;
  readonly customerId?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly orderingKey?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  /** Default: the caller's organization. Only a platform admin may name another one. */
  readonly organizationId?: string | null | undefined;
};

export type PublishCaller = Principal & {
  /** The budget of the operation, which all its publishes share. Default: each publish has its own. */
  readonly checkBudget?: CheckBudget;
};

/** An event to publish: its input was read, but nothing was looked up yet. */
export type Draft = {
  readonly organizationId: string;
  readonly eventType: string;
  readonly dataText: string;
  /** The field that the data came in. */
  readonly dataField: 'data' | 'rawData';
  readonly customerId: string | null;
  readonly idempotencyKey: string | null;
  readonly orderingKey: string | null;
  /** Each once. */
  readonly tags: readonly string[];
  /** The place of the event in the input, for errors. */
  readonly path: FieldPath;
};

type FieldPath = readonly (string | number)[];

const NO_TAGS: readonly string[] = [];

type Rules = {
  /** The place of the input, for errors. */
  readonly path: FieldPath;
  /** Types that only the service publishes. */
  readonly reserved: readonly string[];
};

export function readInput(caller: PublishCaller, input: PublishInput, { path, reserved }: Rules): Result<Draft> {
  const payload = readPayload(input, path);
  const userErrors: UserError[] = payload.ok ? [] : [...payload.userErrors];
  const refuse = (code: UserError['code'], field: string, message: string) =>
    userErrors.push(userError(code, [...path, field], message));

  const organizationId = input.organizationId ?? caller.organizationId;
  const refusal = refuseOrganization(caller, organizationId, [...path, 'organizationId']);
  if (refusal) userErrors.push(refusal);
  const customerId = input.customerId ?? null;
  if (customerId !== null) {
    userErrors.push(...checkText([...path, 'customerId'], customerId, { most: MAX_CUSTOMER_ID, required: true }));
  }
  const orderingKey = input.orderingKey ?? null;
  if (orderingKey !== null) {
    userErrors.push(...checkText([...path, 'orderingKey'], orderingKey, { most: MAX_ORDERING_KEY, required: true }));
  }
  const idempotencyKey = input.idempotencyKey ?? null;
  const keyProblem = idempotencyKey === null ? null : explainIdempotencyKey(idempotencyKey);
  if (keyProblem !== null) refuse('INVALID', 'idempotencyKey', `Expected ${keyProblem}`);
  const tags = input.tags?.length ? input.tags : NO_TAGS;
  if (tags.length > 0) userErrors.push(...checkTags([...path, 'tags'], tags));
  if (!isEventTypeName(input.eventType)) {
    const shape = 'Event types are lower case words joined by dots, such as transaction.auto.updated';
    refuse('UNKNOWN_EVENT_TYPE', 'eventType', `Unknown event type: ${quote(input.eventType)}. ${shape}.`);
  }
  if (reserved.includes(input.eventType)) {
    const expected = `Expected an event type of yours, got ${input.eventType}, which only the service itself publishes`;
    refuse('INVALID', 'eventType', `${expected}. Choose another name.`);
  }
  if (!payload.ok || userErrors.length > 0) return fail(...userErrors);
  const { eventType } = input;
  const dataField = input.rawData == null ? 'data' : 'rawData';
  return succeed({
    organizationId,
    eventType,
    dataText: payload.value,
    dataField,
    customerId,
    idempotencyKey,
    orderingKey,
    tags: tags.length > 1 ? [...new Set(tags)] : tags,
    path,
  });
}
