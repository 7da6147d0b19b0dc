/** Events that the service publishes itself: what each tells. The examples of their types show it (event-types/catalogs/). */
import type { AttemptOutcome } from './delivery.ts';
import type { ReplayScope } from './replay/scope.ts';
import type { TargetStatus } from './targets/target.ts';

/** An event of the service. `data` holds no secret, key, header value or payload, and of a URL only the host. */
export type ServiceEvent = {
  readonly type: string;
  /** Whose target, key or delivery it tells of. */
  readonly organizationId: string;
  readonly data: { readonly [field: string]: unknown };
  /** A target that does not receive the event, whatever it is subscribed to. */
  readonly exceptTargetId?: string;
};

/** What is told of every target. */
export type ToldTarget = {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string | null;
  readonly url: string;
  readonly status: TargetStatus;
};

const dataOf = ({ id, organizationId, name, url, status }: ToldTarget) => ({
  id,
  organizationId,
  name,
  urlHost: hostOf(url),
  status,
});

/** The rest of a URL may hold a token. */
const hostOf = (url: string): string => new URL(url).host;

type Subscription = { readonly global: boolean; readonly eventTypes: readonly string[] };

/** Its owner has the answer of the mutation, so the new target itself is not told. */
export const targetCreated = (target: ToldTarget & Subscription): ServiceEvent => ({
  type: 'target.created',
  organizationId: target.organizationId,
  data: { ...dataOf(target), global: target.global, eventTypes: target.eventTypes },
  exceptTargetId: target.id,
});

/** `changed`: the names of the fields that a person changed. */
export const targetUpdated = (target: ToldTarget & Subscription, changed: readonly string[]): ServiceEvent => ({
  type: 'target.updated',
  organizationId: target.organizationId,
  data: { ...dataOf(target), global: target.global, eventTypes: target.eventTypes, changed },
});

export const targetDeleted = (target: ToldTarget): ServiceEvent => {
  const { status: _, ...data } = dataOf(target);
  return { type: 'target.deleted', organizationId: target.organizationId, data };
};

/** Of the last attempt that counts for what is told. */
type LastOutcome = { readonly outcome: AttemptOutcome; readonly responseStatus: number | null };

type Run = {
  readonly failureCount: number;
  /** RFC 3339. */
  readonly failingSince: string | null;
  readonly lastOutcome: LastOutcome;
};

export const targetFailing = (target: ToldTarget, run: Run): ServiceEvent => ({
  type: 'target.failing',
  organizationId: target.organizationId,
  data: { ...dataOf(target), ...run },
});

export const targetRecovered = (target: ToldTarget, { failingSince, lastOutcome }: Run): ServiceEvent => ({
  type: 'target.recovered',
  organizationId: target.organizationId,
  data: { ...dataOf(target), failingSince, lastOutcome },
});

export const targetDisabled = (target: ToldTarget, reason: string, run: Run): ServiceEvent => ({
  type: 'target.disabled',
  organizationId: target.organizationId,
  data: { ...dataOf(target), reason, ...run },
});

type ToldCertificate = {
  readonly subject: string;
  readonly fingerprintSha256: string;
  readonly notAfter: Date;
  /** 30 or 7: it ends within so many days. It may have ended already. */
  readonly days: number;
};

export const certificateExpiring = (target: ToldTarget, certificate: ToldCertificate): ServiceEvent => {
  const { subject, fingerprintSha256, notAfter, days } = certificate;
  const clientCertificate = { subject, fingerprintSha256, notAfter };
  return {
    type: 'target.certificate_expiring',
    organizationId: target.organizationId,
    data: { ...dataOf(target), clientCertificate, days },
  };
};

type Exhausted = {
  /** The last one of them. */
  readonly deliveryId: string;
  readonly eventId: string;
  readonly eventType: string;
  /** How many deliveries of the target have FAILED since the last event of this type. */
  readonly count: number;
  readonly lastOutcome: LastOutcome;
};

export const deliveryExhausted = (target: ToldTarget, exhausted: Exhausted): ServiceEvent => ({
  type: 'delivery.exhausted',
  organizationId: target.organizationId,
  data: {
    organizationId: target.organizationId,
    targetId: target.id,
    targetName: target.name,
    urlHost: hostOf(target.url),
    ...exhausted,
  },
});

type ToldReplay = Pick<ReplayScope, 'targetId' | 'mode' | 'from' | 'until'> & {
  readonly id: string;
  readonly organizationId: string;
  readonly createdAt: Date;
  readonly replayedCount: number;
  readonly skippedCount: number;
};

/** Under the names of the API. The deliveries it made may still be waiting. */
export const replayCompleted = (replay: ToldReplay): ServiceEvent => {
  const { id, organizationId, targetId, mode, from, until, createdAt, replayedCount, skippedCount } = replay;
  const data = { id, organizationId, targetId, mode, from, until, createdAt, replayedCount, skippedCount };
  return { type: 'replay.completed', organizationId, data };
};

type ToldKey = { readonly id: string; readonly organizationId: string; readonly name: string };

export const apiKeyCreated = (
  { id, organizationId, name }: ToldKey,
  { scopes, expiresAt }: { readonly scopes: readonly string[]; readonly expiresAt: Date | null },
): ServiceEvent => ({
  type: 'api_key.created',
  organizationId,
  data: { id, organizationId, name, scopes, expiresAt },
});

export const apiKeyDeleted = ({ id, organizationId, name }: ToldKey): ServiceEvent => ({
  type: 'api_key.deleted',
  organizationId,
  data: { id, organizationId, name },
});
