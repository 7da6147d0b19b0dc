/** Attempts: one request each, and what came back. */
import type { GraphQLResolveInfo } from 'graphql';
import { Prisma } from '../../prisma/generated/client.ts';
import type { AttemptOutcome, AttemptTrigger } from '../domain/delivery.ts';
import { attemptId } from '../domain/ksuid.ts';
import { readAttemptRequest } from '../domain/signing/attempt-request.ts';
import { requestHeaders } from '../domain/signing/request-headers.ts';
import { allows, callerOf } from './build/access.ts';
import { builder } from './build/builder.ts';
import type { Context } from './build/context.ts';
import { hold } from './build/hold.ts';
import { attemptList, type Selection } from './read/list.ts';
import type { AttemptResponse, SentRequest } from './read/attempts.ts';
import { Node } from './build/node-interface.ts';
import { once } from './read/once.ts';
import { loadersOf } from './read/reads.ts';
import { present } from './read/row-of.ts';
import { DeliveryAttempt } from './build/refs.ts';
import type { AttemptRow, DeliveryRow } from './read/rows.ts';

/** The attempts of a delivery, oldest first. */
export const attemptsOf = ({ id, organizationId }: DeliveryRow): Selection<AttemptRow> => ({
  list: attemptList,
  parent: { id, organizationId },
  where: (delivery) => [Prisma.sql`delivery_id = ${delivery.id}`],
  key: 'attempts',
});

const OUTCOMES: { readonly [Outcome in AttemptOutcome]: { readonly description: string } } = {
  DELIVERED: { description: 'The target answered 2xx in time.' },
  HTTP_ERROR: { description: 'The target answered something else: 3xx (never followed), 4xx or 5xx.' },
  TIMEOUT: {
    description:
      'No complete answer came within the time of an attempt, 20 s by default, the time to connect included.',
  },
  DNS_ERROR: { description: 'The host name of the URL did not resolve.' },
  CONNECTION_ERROR: { description: 'The connection was refused, reset, or closed before a complete answer.' },
  TLS_ERROR: { description: 'No secure connection: a wrong, expired or unknown certificate, or no common protocol.' },
  FORBIDDEN_ADDRESS: {
    description: 'The URL led to an address or a port that targets may not have; nothing was sent.',
  },
  PROXY_ERROR: {
    description:
      'The egress proxy of the service was not reached, or refused the service: not the target’s fault. The attempt counts neither ' +
      'against the target nor on the schedule, and is made again after the first delay, then after the second, and so on; beyond ' +
      'the last delay it counts on the schedule.',
  },
};

export const AttemptOutcomeEnum = builder.enumType('AttemptOutcome', {
  description: 'How an attempt ended. Everything but DELIVERED is a failure.',
  values: OUTCOMES,
});

const TRIGGERS: { readonly [Trigger in AttemptTrigger]: { readonly description: string } } = {
  SCHEDULE: { description: 'The first attempt, or a retry of the schedule.' },
  MANUAL: { description: 'A person asked for it, by retryDelivery. It uses up no step of the schedule.' },
};

const AttemptTriggerEnum = builder.enumType('AttemptTrigger', {
  description: 'What caused an attempt.',
  values: TRIGGERS,
});

const responseOf = (attempt: AttemptRow, context: Context): Promise<AttemptResponse | null> =>
  once(attempt, 'response', () => loadersOf(context).attemptResponse.load(attempt));

const sentOf = (attempt: AttemptRow, context: Context): Promise<SentRequest | null> =>
  once(attempt, 'sent', () => loadersOf(context).sentRequest.load(attempt));

/** Null: nothing was sent, or nobody knows. Names and values are as they were sent, but for the signatures. */
async function sentHeaders(attempt: AttemptRow, context: Context): Promise<Record<string, string> | null> {
  const sent = await sentOf(attempt, context);
  if (!sent || sent.request === null || sent.url === null || sent.brand === null) return null;
  const { connection, signature, signatures, ...stamp } = readAttemptRequest(sent.request);
  if (connection === null) return null;
  const shown = { signature: cut(signature), signatures: signatures.split(' ').map(cut).join(' ') };
  const owner = { id: sent.targetId, organizationId: sent.organizationId };
  const mayRead = allows(callerOf(context), 'TARGETS_WRITE');
  const own = mayRead ? context.services.targets.openHeaders(owner, sent.sealedHeaders) : [];
  return {
    host: new URL(sent.url).host,
    connection,
    ...Object.fromEntries(own.map(({ name, value }) => [name, value])),
    ...requestHeaders({ ...sent, ...stamp, ...shown, brand: sent.brand }),
    ...(sent.bodyBytes > 0 && { 'content-length': String(sent.bodyBytes) }),
  };
}

const cut = (begin: string): string => `${begin}…`;

/** Notes that a remembered answer shows what a target answered; only then the event is looked up. */
async function holdOf({ deliveryId: id }: AttemptRow, context: Context, info: GraphQLResolveInfo): Promise<void> {
  if (!context.lease) return;
  const { eventId } = await present(loadersOf(context).delivery.load({ id, organizationId: null }), 'delivery');
  hold(context, info, eventId, null);
}

DeliveryAttempt.implement({
  description: 'One request to a target, and what came back.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      description: 'Id of the attempt: the id of its delivery, with the number added.',
      resolve: ({ deliveryId, number }) => attemptId(deliveryId, number),
    }),
    number: t.exposeInt('number', {
      description:
        'The number of the attempt: 1, 2, and so on. The target gets it in the header X-Dakota-Delivery-Attempt ' +
        '(Dakota, or the deployment’s brand).',
    }),
    trigger: t.field({
      type: AttemptTriggerEnum,
      description: 'What caused the attempt.',
      resolve: ({ trigger }) => trigger,
    }),
    outcome: t.field({
      type: AttemptOutcomeEnum,
      description: 'How the attempt ended.',
      resolve: ({ outcome }) => outcome,
    }),
    requestUrl: t.string({
      nullable: true,
      description:
        'Where the request went: the URL of the target when the attempt began. Null for attempts of release 0.1.0, and ' +
        'for those older than RETENTION_DAYS. Costs 10.',
      extensions: { cost: 10 },
      resolve: async (attempt, _, context) => (await sentOf(attempt, context))?.url ?? null,
    }),
    requestHeaders: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'The headers of the request as they were sent: name to value, in the order of sending. Of each signature only the ' +
        'first 8 characters are kept, with “…” behind. Headers of the target’s own choice are there for callers with ' +
        'TARGETS_WRITE only, and no more once the target is deleted. Null when nothing was sent, because no connection ' +
        'was there, and where `requestUrl` is null. Costs 10.',
      extensions: { cost: 10 },
      resolve: (attempt, _, context) => sentHeaders(attempt, context),
    }),
    responseStatus: t.exposeInt('responseStatus', {
      nullable: true,
      description: 'HTTP status of the answer; null when no answer arrived.',
    }),
    responseHeaders: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'Headers of the answer: lower-case name to value, or to a list of values. Null when no answer arrived, or the event was erased. ' +
        'Costs 10.',
      extensions: { cost: 10 },
      resolve: async (attempt, _, context, info) => {
        await holdOf(attempt, context, info);
        const headers = (await responseOf(attempt, context))?.responseHeaders;
        return headers == null ? null : JSON.parse(headers);
      },
    }),
    responseBody: t.string({
      nullable: true,
      description:
        'The first 16 KiB of the answer, as UTF-8 text. Null when no answer arrived, or the event was erased. Costs 10.',
      extensions: { cost: 10 },
      resolve: async (attempt, _, context, info) => {
        await holdOf(attempt, context, info);
        return (await responseOf(attempt, context))?.responseBody ?? null;
      },
    }),
    responseBodyTruncated: t.exposeBoolean('responseBodyTruncated', {
      description: 'Whether the answer was longer than what responseBody shows.',
    }),
    error: t.string({
      nullable: true,
      description: 'Why the attempt failed, for people; null on success, and when the event was erased.',
      resolve: async (attempt, _, context, info) => {
        await holdOf(attempt, context, info);
        return attempt.error;
      },
    }),
    durationMs: t.exposeInt('durationMs', {
      description: 'Milliseconds from the start of the connection to the last byte that was read.',
    }),
    resent: t.exposeBoolean('resent', {
      description:
        'Whether the request was sent twice within this attempt, because the target had closed the kept-alive ' +
        'connection that carried it first. The target may then have received it twice.',
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When the attempt started.' }),
  }),
});
