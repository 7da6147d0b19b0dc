/** A target as it is edited, and the input of the mutation that saves it. */
import type {
  CreateWebhookTargetInput,
  DeliveryOrdering,
  OrderAfterFailure,
  TargetQuery,
  UpdateWebhookTargetInput,
} from '../../generated/graphql.ts';
import { filterDraftOf, filterInputOf, problemOfFilter, type FilterDraft } from '../filter/filter-draft.ts';
import type { SubscriptionDraft } from '../subscription/event-tree.ts';

export type EditedTarget = NonNullable<TargetQuery['webhookTarget']>;

/** kept: as it is. none: taken away. new: another one. */
export type CertificateDraft =
  | { readonly kind: 'kept' }
  | { readonly kind: 'none' }
  | { readonly kind: 'new'; readonly certificatePem: string; readonly privateKeyPem: string };

export type TargetDraft = SubscriptionDraft & {
  readonly url: string;
  readonly name: string;
  readonly description: string;
  /** One id a line. */
  readonly customerIds: string;
  readonly filter: FilterDraft;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly ordering: DeliveryOrdering;
  readonly afterFailure: OrderAfterFailure;
  readonly maxConcurrency: string;
  readonly rateLimitPerSecond: string;
  readonly certificate: CertificateDraft;
};

export const NEW_TARGET: TargetDraft = {
  url: '',
  name: '',
  description: '',
  events: 'every',
  eventTypes: [],
  customerIds: '',
  filter: { kind: 'rows', join: 'all', rows: [] },
  headers: [],
  ordering: 'NONE',
  afterFailure: 'SKIP',
  maxConcurrency: '',
  rateLimitPerSecond: '',
  certificate: { kind: 'kept' },
};

export const draftOf = (target: EditedTarget): TargetDraft => ({
  url: target.url,
  name: target.name ?? '',
  description: target.description ?? '',
  events: target.global ? 'global' : target.eventTypes.length > 0 ? 'chosen' : 'every',
  eventTypes: target.eventTypes,
  customerIds: target.customerIds.join('\n'),
  filter: filterDraftOf(target.filter),
  headers: target.headers.map(({ name, value }) => ({ name, value: value ?? '' })),
  ordering: target.ordering,
  afterFailure: target.afterFailure,
  maxConcurrency: String(target.maxConcurrency ?? ''),
  rateLimitPerSecond: String(target.rateLimitPerSecond ?? ''),
  certificate: { kind: 'kept' },
});

/** What is wrong before anything is sent, by the names of the input's fields. */
export function problemsOf(draft: TargetDraft): Readonly<Record<string, string>> {
  const { events, eventTypes, filter, maxConcurrency, rateLimitPerSecond } = draft;
  const problems: Record<string, string> = {};
  if (events === 'chosen' && eventTypes.length === 0)
    problems['eventTypes'] = 'Choose at least one event type, or every event type.';
  for (const [name, written] of Object.entries({ maxConcurrency, rateLimitPerSecond })) {
    if (written.trim() !== '' && !/^\d+$/.test(written.trim())) problems[name] = 'Write a whole number, or nothing.';
  }
  const problem = problemOfFilter(filter);
  if (problem !== null) problems['filter'] = problem;
  return problems;
}

const textOf = (written: string): string | null => (written.trim() === '' ? null : written);
const numberOf = (written: string): number | null => (written.trim() === '' ? null : Number(written));

/** Every field but the certificate. */
const fieldsOf = (draft: TargetDraft) => ({
  url: draft.url.trim(),
  name: textOf(draft.name),
  description: textOf(draft.description),
  global: draft.events === 'global',
  eventTypes: draft.events === 'every' ? [] : [...draft.eventTypes],
  customerIds: draft.customerIds
    .split('\n')
    .map((id) => id.trim())
    .filter((id) => id !== ''),
  filter: filterInputOf(draft.filter) ?? null,
  headers: draft.headers.filter(({ name, value }) => name !== '' || value !== ''),
  ordering: draft.ordering,
  afterFailure: draft.afterFailure,
  maxConcurrency: numberOf(draft.maxConcurrency),
  rateLimitPerSecond: numberOf(draft.rateLimitPerSecond),
});

const certificateOf = ({ certificatePem, privateKeyPem }: Extract<CertificateDraft, { kind: 'new' }>) => ({
  certificatePem,
  privateKeyPem,
});

export const createInputOf = (draft: TargetDraft): CreateWebhookTargetInput => ({
  ...fieldsOf(draft),
  ...(draft.certificate.kind === 'new' && { clientCertificate: certificateOf(draft.certificate) }),
});

/** Only what was changed: what somebody else changes meanwhile stays. */
export function updateInputOf(draft: TargetDraft, target: EditedTarget): UpdateWebhookTargetInput {
  const [before, after] = [fieldsOf(draftOf(target)), fieldsOf(draft)];
  const changed = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof typeof before]),
  );
  return {
    id: target.id,
    ...Object.fromEntries(changed),
    ...(draft.certificate.kind === 'new' && { clientCertificate: certificateOf(draft.certificate) }),
    ...(draft.certificate.kind === 'none' && { clientCertificate: null }),
  };
}
