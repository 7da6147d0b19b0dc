/**
 * What a webhook target may look like. One function judges every change, and reports all its errors at once: creating a
 * target is a change of NEW_TARGET.
 */
import { fail, succeed, userError, type Result, type UserError } from '../../errors.ts';
import { checkFilter, type PayloadFilterInput } from '../filter/check-filter.ts';
import type { PayloadFilter } from '../filter/payload-filter.ts';
import { checkListLength } from '../list.ts';
import { checkClientCertificate } from './certificates/client-certificate.ts';
import type { ClientCertificateInput, TargetCertificate } from './certificates/client-certificate.ts';
import { checkSubscription, type KnownEventTypes } from './subscription.ts';
import { checkTargetHeaders, type TargetHeader } from './headers/target-header.ts';
import type { DeliveryOrdering, OrderAfterFailure } from '../order.ts';
import { judgeTargetUrl, type UrlPolicy } from './target-url.ts';
import { checkStorable, checkText, type InputField } from '../text.ts';

export const TARGET_STATUSES = ['ACTIVE', 'PAUSED', 'DISABLED'] as const;

/** An ACTIVE target receives; a PAUSED one holds its deliveries back; a DISABLED one gets no new deliveries. */
export type TargetStatus = (typeof TARGET_STATUSES)[number];

/** What a client decides about a target. */
export type TargetFields = {
  readonly url: string;
  readonly name: string | null;
  readonly description: string | null;
  /** Takes every event type of every customer. Then eventTypes and customerIds are kept, and ignored. */
  readonly global: boolean;
  /** Names and patterns (event-type-pattern.ts). An empty list means every event type. */
  readonly eventTypes: readonly string[];
  /** An empty list means every customer. */
  readonly customerIds: readonly string[];
  /** A condition on the body, also for a global target. Null: none. */
  readonly filter: PayloadFilter | null;
  readonly status: TargetStatus;
  /** Sent with every request, beside the service's own. */
  readonly headers: readonly TargetHeader[];
  /** Shown to a receiver that asks for one (mutual TLS). Null: none. */
  readonly clientCertificate: TargetCertificate | null;
  /** Which deliveries wait for which; see domain/order.ts. */
  readonly ordering: DeliveryOrdering;
  readonly afterFailure: OrderAfterFailure;
} & TargetLimits;

/** Limits that all worker processes keep together. */
export type TargetLimits = {
  /** Requests open at once. Null: what the service allows any target, which is also the most. */
  readonly maxConcurrency: number | null;
  /** Requests started in a second, evenly spaced. Null: no limit. */
  readonly rateLimitPerSecond: number | null;
};

/** Fields that are given in another form than they are kept in. */
type GivenFields = {
  readonly filter?: PayloadFilterInput | null | undefined;
  readonly clientCertificate?: ClientCertificateInput | null | undefined;
};

/**
 * The fields to change; undefined means unchanged. In an update, null clears name, description, the filter, the certificate and
 * the limits, and is refused with REQUIRED where there must be a value. In a creation, null means the default.
 */
export type TargetInput = {
  readonly [Name in Exclude<keyof TargetFields, keyof GivenFields>]?: TargetFields[Name] | null | undefined;
} & GivenFields;

export type TargetRules = {
  readonly urlPolicy: UrlPolicy;
  /** All known event types. May be empty when the input names none. */
  readonly eventTypes: KnownEventTypes;
  /** Of the service's own headers. */
  readonly brand: string;
  /** A certificate must be valid then. */
  readonly now: Date;
};

export const MAX_TARGET_TEXT = 256;
export const MAX_CUSTOMER_ID = 255;
export const MAX_TARGET_CONCURRENCY = 1_000;
export const MAX_TARGET_RATE = 10_000;

/** The fields of a target whose creator sets nothing. The url is required. */
export const NEW_TARGET: TargetFields = {
  url: '',
  name: null,
  description: null,
  global: false,
  eventTypes: [],
  customerIds: [],
  filter: null,
  status: 'ACTIVE',
  headers: [],
  clientCertificate: null,
  ordering: 'NONE',
  afterFailure: 'SKIP',
  maxConcurrency: null,
  rateLimitPerSecond: null,
};

/** A new target, or all the errors of the input. */
export function describeTarget(input: TargetInput, rules: TargetRules): Result<TargetFields> {
  const supplied = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null)) as TargetInput;
  return changeTarget(NEW_TARGET, { ...supplied, url: supplied.url ?? null }, rules);
}

/** The target after a change, with its URL in normal form and without duplicates in its lists; or all the errors. */
export function changeTarget(current: TargetFields, input: TargetInput, rules: TargetRules): Result<TargetFields> {
  const url = checkUrl(input.url, rules.urlPolicy);
  const filter = input.filter ? checkFilter(input.filter, ['filter']) : undefined;
  const certificate = input.clientCertificate ? checkClientCertificate(input.clientCertificate, rules.now) : undefined;
  const errors = [
    ...url.errors,
    ...checkOptionalText('name', input.name),
    ...checkOptionalText('description', input.description),
    ...checkPresent('global', input.global),
    ...checkEventTypes(input.eventTypes, current.eventTypes, rules.eventTypes),
    ...checkCustomerIds(input.customerIds),
    ...(filter && !filter.ok ? filter.userErrors : []),
    ...checkPresent('status', input.status),
    ...(input.headers == null
      ? checkPresent('headers', input.headers)
      : checkTargetHeaders(input.headers, rules.brand)),
    ...(certificate?.errors ?? []),
    ...checkPresent('ordering', input.ordering),
    ...checkPresent('afterFailure', input.afterFailure),
    ...checkLimit('maxConcurrency', input.maxConcurrency, MAX_TARGET_CONCURRENCY),
    ...checkLimit('rateLimitPerSecond', input.rateLimitPerSecond, MAX_TARGET_RATE),
  ];
  if (errors.length > 0) return fail(...errors);
  return succeed({
    url: url.value ?? current.url,
    name: input.name === undefined ? current.name : input.name,
    description: input.description === undefined ? current.description : input.description,
    global: input.global ?? current.global,
    eventTypes: input.eventTypes ? distinct(input.eventTypes) : current.eventTypes,
    customerIds: input.customerIds ? distinct(input.customerIds) : current.customerIds,
    filter: filter?.ok ? filter.value.filter : input.filter === null ? null : current.filter,
    status: input.status ?? current.status,
    headers: input.headers ?? current.headers,
    clientCertificate: certificate?.value ?? (input.clientCertificate === null ? null : current.clientCertificate),
    ordering: input.ordering ?? current.ordering,
    afterFailure: input.afterFailure ?? current.afterFailure,
    maxConcurrency: input.maxConcurrency === undefined ? current.maxConcurrency : input.maxConcurrency,
    rateLimitPerSecond: input.rateLimitPerSecond === undefined ? current.rateLimitPerSecond : input.rateLimitPerSecond,
  });
}

const distinct = (list: readonly string[]): string[] => [...new Set(list)];

function checkPresent(field: string, value: unknown): UserError[] {
  if (value !== null) return [];
  return [userError('REQUIRED', field, 'Expected a value, got null; leave the field out to keep its value.')];
}

function checkUrl(url: string | null | undefined, policy: UrlPolicy): { errors: UserError[]; value?: string } {
  if (url === undefined) return { errors: [] };
  if (url === null) {
    return { errors: [userError('REQUIRED', 'url', 'Expected the URL that is to receive the events, got null.')] };
  }
  const unstorable = checkStorable('url', url);
  if (unstorable.length > 0) return { errors: unstorable };
  const judged = judgeTargetUrl(url, policy);
  if (!judged.ok) return { errors: [userError(judged.code, 'url', judged.message)] };
  return { errors: [], value: judged.url };
}

const checkOptionalText = (field: string, text: string | null | undefined): UserError[] =>
  text == null ? [] : checkText(field, text, { most: MAX_TARGET_TEXT });

function checkLimit(field: string, limit: number | null | undefined, most: number): UserError[] {
  if (limit == null || (Number.isInteger(limit) && limit >= 1 && limit <= most)) return [];
  const expected = `Expected a whole number from 1 to ${most}, or null for the default; got ${limit}.`;
  return [userError('INVALID', field, expected)];
}

function checkEventTypes(
  entries: TargetInput['eventTypes'],
  current: readonly string[],
  known: KnownEventTypes,
): UserError[] {
  return entries == null
    ? checkPresent('eventTypes', entries)
    : checkSubscription('eventTypes', entries, { current, known });
}

function checkCustomerIds(ids: readonly string[] | null | undefined): UserError[] {
  if (ids == null) return checkPresent('customerIds', ids);
  const tooMany = checkListLength('customerIds', ids);
  if (tooMany.length > 0) return tooMany;
  return ids.flatMap((id, index) => checkCustomerId(['customerIds', index], id));
}

function checkCustomerId(field: InputField, id: string): UserError[] {
  if (id === '') return [userError('INVALID', field, `Expected 1 to ${MAX_CUSTOMER_ID} characters, got none.`)];
  return checkText(field, id, { most: MAX_CUSTOMER_ID });
}
