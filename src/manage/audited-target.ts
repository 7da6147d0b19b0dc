/** What the audit log and service events show of a webhook target, and of its change. */
import type { TargetHeader } from '../domain/targets/headers/target-header.ts';
import type { TargetFields } from '../domain/targets/target.ts';
import { changedFields, type AuditEntry } from './audit.ts';

export type AuditedTarget = TargetFields & { readonly disabledReason: string | null };

/** The change of a target, for the audit log. */
export const targetChange = (
  { id, organizationId }: { readonly id: string; readonly organizationId: string },
  before: AuditEntry['before'],
  after: AuditEntry['after'],
): AuditEntry => ({
  organizationId,
  type: 'WebhookTarget',
  id,
  before,
  after,
});

/** What the audit log shows of a target: every field must be named here, and shown without its secret parts. */
export const auditedTarget = (target: AuditedTarget): { readonly [Name in keyof AuditedTarget]: unknown } => ({
  url: target.url,
  name: target.name,
  description: target.description,
  global: target.global,
  eventTypes: target.eventTypes,
  customerIds: target.customerIds,
  filter: target.filter,
  status: target.status,
  headers: target.headers.map(({ name }) => name),
  clientCertificate: auditedCertificate(target.clientCertificate),
  disabledReason: target.disabledReason,
  maxConcurrency: target.maxConcurrency,
  rateLimitPerSecond: target.rateLimitPerSecond,
  ordering: target.ordering,
  afterFailure: target.afterFailure,
});

const auditedCertificate = (certificate: TargetFields['clientCertificate']) =>
  certificate && {
    subject: certificate.subject,
    fingerprintSha256: certificate.fingerprintSha256,
    notAfter: certificate.notAfter.toISOString(),
  };

/** Names of headers that stay, with another value: the audit log shows no value, and says which ones were changed. */
export function namesOfChangedValues(before: readonly TargetHeader[], after: readonly TargetHeader[]): string[] {
  const values = new Map(before.map(({ name, value }) => [name, value]));
  return after.flatMap(({ name, value }) => (values.has(name) && values.get(name) !== value ? [name] : []));
}

/** The names of the fields that a change has changed, as the API has them: what service events show of it. */
export const changedNames = (before: object, after: object): string[] => [
  ...new Set(changedFields({ ...before }, { ...after }).map((name) => (name === 'changedHeaders' ? 'headers' : name))),
];
