/** What is done with webhook targets: creating, changing and deleting them, a new secret, a test event. */
import { callerOf, reachOf } from '../build/access.ts';
import { authoredCaller } from '../build/authored.ts';
import { builder } from '../build/builder.ts';
import { WebhookTarget } from '../build/refs.ts';
import { payloadType, perform, type Payload } from '../build/mutation.ts';
import { deliveryField } from '../delivery/mutations.ts';
import { PayloadFilterRef } from '../payload-filter.ts';
import { loadersOf } from '../read/reads.ts';
import { CERTIFICATE_RULE, ClientCertificateInputRef } from './client-certificate.ts';
import { HEADERS_RULE, WebhookTargetHeaderInput } from './header.ts';
import { AFTER_FAILURE, DeliveryOrderingEnum, ORDERING, OrderAfterFailureEnum } from './order.ts';
import { WebhookTargetStatusEnum } from './type.ts';

type FieldBuilder<Value> = PothosSchemaTypes.ObjectFieldBuilder<typeof builder.$inferSchemaTypes, Payload<Value>>;

/** The `target` field of a payload. */
const targetField = <Value extends { readonly targetId: string }>(t: FieldBuilder<Value>, description: string) =>
  t.field({
    type: WebhookTarget,
    nullable: true,
    description,
    resolve: async ({ value }, _, context) => {
      if (!value) return null;
      const target = await loadersOf(context).target.load({ id: value.targetId, organizationId: reachOf(context) });
      return target?.deletedAt === null ? target : null;
    },
  });

const URL_RULES =
  'At most 2048 characters, without user name and password. Production needs https:// and a public address; a ' +
  'local deployment takes http:// and loopback too.';
const LISTS = 'at most 1000, each once';
const GLOBAL = 'Whether it receives every event type but those of the catalog `hookcast`, for every customer.';
const EVENT_TYPES =
  'Names of event types, and patterns that end in `.*` (`wallet.*` takes wallet.created and wallet.policy.updated, and ' +
  `types that are created later): ${LISTS}.`;
const MAX_CONCURRENCY =
  'How many requests may be open to the target at once, over the whole deployment: 1 to 1000, and never more than ' +
  'TARGET_CONCURRENCY of the service (256, unless the operator changed it).';
const RATE_LIMIT =
  'How many requests may start to the target in a second, evenly spaced, over the whole deployment: 1 to 10000. ' +
  'Requests over the rate wait.';
const FILTER =
  'Only events whose body satisfies it become deliveries, also of a global target. It is asked when an event is published; ' +
  'test events and deliveries that exist are sent whatever it says. `testWebhookTargetFilter` tries it.';
const ERRORS =
  'INVALID, REQUIRED, TOO_LONG, TOO_MANY, UNKNOWN_EVENT_TYPE (for each unknown name or prefix, with its path), FORBIDDEN_ADDRESS, ' +
  'INVALID_STATE (ordering: for a day after an upgrade from a release that knows no order)';

const CreateWebhookTargetInput = builder.inputType('CreateWebhookTargetInput', {
  description: 'A new webhook target.',
  fields: (t) => ({
    url: t.string({ required: true, description: `Where to send requests. ${URL_RULES}` }),
    name: t.string({ description: 'Display name, at most 256 characters. Default: none.' }),
    description: t.string({ description: 'What the target is for, at most 256 characters. Default: none.' }),
    global: t.boolean({ description: `${GLOBAL} Default: false.` }),
    eventTypes: t.stringList({
      description: `${EVENT_TYPES} Default: empty, which is every type but those of the catalog \`hookcast\`.`,
    }),
    customerIds: t.stringList({
      description: `Only events of these customers: ${LISTS}, 1 to 255 characters. Default: empty, which is every customer.`,
    }),
    filter: t.field({ type: PayloadFilterRef, description: `${FILTER} Default: none.` }),
    status: t.field({ type: WebhookTargetStatusEnum, description: 'Default: ACTIVE.' }),
    headers: t.field({ type: [WebhookTargetHeaderInput], description: `${HEADERS_RULE} Default: none.` }),
    clientCertificate: t.field({ type: ClientCertificateInputRef, description: `${CERTIFICATE_RULE} Default: none.` }),
    ordering: t.field({ type: DeliveryOrderingEnum, description: `${ORDERING} Default: NONE.` }),
    afterFailure: t.field({ type: OrderAfterFailureEnum, description: `${AFTER_FAILURE} Default: SKIP.` }),
    maxConcurrency: t.int({
      description: `${MAX_CONCURRENCY} Default: null, which is TARGET_CONCURRENCY of each worker process.`,
    }),
    rateLimitPerSecond: t.int({ description: `${RATE_LIMIT} Default: null, which is no limit.` }),
  }),
});

const SECRET =
  'HMAC-SHA256 secret, `whsec_` and base64 (Standard Webhooks), shown this once: nobody can read it again. It ' +
  'verifies `v1` in webhook-signature. Null when there are userErrors.';

const CreateWebhookTargetPayload = payloadType<{ targetId: string; secret: string }>(
  'CreateWebhookTargetPayload',
  'What createWebhookTarget did.',
  (t) => ({
    target: targetField(t, 'The new target; null when there are userErrors.'),
    secret: t.string({ nullable: true, description: SECRET, resolve: ({ value }) => value?.secret ?? null }),
  }),
);

builder.mutationField('createWebhookTarget', (t) =>
  t.field({
    type: CreateWebhookTargetPayload,
    needs: 'TARGETS_WRITE',
    description:
      'Registers a webhook target in the caller’s organization. It receives what is published from then on. User ' +
      `errors: ${ERRORS}. TOO_MANY without a field: the organization has as many targets that are not deleted as ` +
      'it may have, 10000 unless the operator set another MAX_TARGETS.',
    args: { input: t.arg({ type: CreateWebhookTargetInput, required: true, description: 'The target to create.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) => context.services.targets.create(authoredCaller(context, info), input, effect)),
  }),
);

const UpdateWebhookTargetInput = builder.inputType('UpdateWebhookTargetInput', {
  description:
    'A change of a webhook target. Only the given fields change; a given list replaces the old one. Null clears ' +
    'name, description, filter, clientCertificate, maxConcurrency and rateLimitPerSecond, and is refused (REQUIRED) elsewhere.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'KSUID of the target to change.' }),
    url: t.string({ description: `Where to send requests from the next attempt on. ${URL_RULES}` }),
    name: t.string({ description: 'Display name, at most 256 characters.' }),
    description: t.string({ description: 'What the target is for, at most 256 characters.' }),
    global: t.boolean({ description: GLOBAL }),
    eventTypes: t.stringList({
      description: `${EVENT_TYPES} Empty is every type but those of the catalog \`hookcast\`. An archived type may stay, but cannot be added.`,
    }),
    customerIds: t.stringList({ description: `Customer ids: ${LISTS}; empty is every customer.` }),
    filter: t.field({ type: PayloadFilterRef, description: `${FILTER} It replaces the old one. Null: no filter.` }),
    status: t.field({
      type: WebhookTargetStatusEnum,
      description:
        'PAUSED holds deliveries back. ACTIVE lets them go and counts failures from 0. With DISABLED no deliveries ' +
        'are created.',
    }),
    headers: t.field({
      type: [WebhookTargetHeaderInput],
      description: `${HEADERS_RULE} The list replaces all of them; an empty one takes them away.`,
    }),
    clientCertificate: t.field({
      type: ClientCertificateInputRef,
      description: `${CERTIFICATE_RULE} It replaces the one before: connections that were made with that one end. Null takes it away.`,
    }),
    ordering: t.field({ type: DeliveryOrderingEnum, description: ORDERING }),
    afterFailure: t.field({ type: OrderAfterFailureEnum, description: AFTER_FAILURE }),
    maxConcurrency: t.int({
      description: `${MAX_CONCURRENCY} Null: the only limit is TARGET_CONCURRENCY of each worker process.`,
    }),
    rateLimitPerSecond: t.int({ description: `${RATE_LIMIT} Null: no limit.` }),
  }),
});

const UpdateWebhookTargetPayload = payloadType<{ targetId: string }>(
  'UpdateWebhookTargetPayload',
  'What updateWebhookTarget did.',
  (t) => ({ target: targetField(t, 'The target as it is now; null when there are userErrors.') }),
);

builder.mutationField('updateWebhookTarget', (t) =>
  t.field({
    type: UpdateWebhookTargetPayload,
    needs: 'TARGETS_WRITE',
    description:
      `Changes a webhook target: its address, its subscription, its limits, or whether it receives. User errors: NOT_FOUND, ` +
      `${ERRORS}.`,
    args: { input: t.arg({ type: UpdateWebhookTargetInput, required: true, description: 'What to change.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) => context.services.targets.update(authoredCaller(context, info), input, effect)),
  }),
);

const DeleteWebhookTargetInput = builder.inputType('DeleteWebhookTargetInput', {
  description: 'A webhook target to delete.',
  fields: (t) => ({ id: t.id({ required: true, description: 'KSUID of the target.' }) }),
});

const DeleteWebhookTargetPayload = payloadType<{ deletedId: string }>(
  'DeleteWebhookTargetPayload',
  'What deleteWebhookTarget did.',
  (t) => ({
    deletedId: t.id({
      nullable: true,
      description: 'Id of the deleted target; null when there are userErrors.',
      resolve: ({ value }) => value?.deletedId ?? null,
    }),
  }),
);

builder.mutationField('deleteWebhookTarget', (t) =>
  t.field({
    type: DeleteWebhookTargetPayload,
    needs: 'TARGETS_WRITE',
    description:
      'Deletes a webhook target for good and cancels its open deliveries. Only its old deliveries still show it. ' +
      'User errors: NOT_FOUND.',
    args: { input: t.arg({ type: DeleteWebhookTargetInput, required: true, description: 'Which target.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) => context.services.targets.remove(authoredCaller(context, info), input, effect)),
  }),
);

const RotateWebhookTargetSecretInput = builder.inputType('RotateWebhookTargetSecretInput', {
  description: 'A webhook target that needs a new secret.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'KSUID of the target.' }),
    overlapSeconds: t.int({
      description:
        'How long the old secret goes on signing beside the new one, so that the receiver can change over: 0 to ' +
        '604800 (7 days). Default: 86400 (a day).',
    }),
  }),
});

const RotateWebhookTargetSecretPayload = payloadType<{ targetId: string; secret: string; overlapEndsAt: string }>(
  'RotateWebhookTargetSecretPayload',
  'What rotateWebhookTargetSecret did.',
  (t) => ({
    target: targetField(t, 'The target; null when there are userErrors.'),
    secret: t.string({
      nullable: true,
      description:
        'The new HMAC-SHA256 secret, `whsec_` and base64, shown this once: nobody can read it again. Null when ' +
        'there are userErrors.',
      resolve: ({ value }) => value?.secret ?? null,
    }),
    overlapEndsAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the secret before this one stops signing. Null when there are userErrors.',
      resolve: ({ value }) => value && new Date(value.overlapEndsAt),
    }),
  }),
);

builder.mutationField('rotateWebhookTargetSecret', (t) =>
  t.field({
    type: RotateWebhookTargetSecretPayload,
    needs: 'TARGETS_WRITE',
    description:
      'Gives a webhook target a new secret. Until the overlap ends, webhook-signature carries a `v1` by the new ' +
      'and one by the old secret. The answer comes after two seconds, when every request carries the new one: from ' +
      'then on a receiver may trust it alone. Of older secrets that have not ended yet, the four newest go on. ' +
      'User errors: NOT_FOUND, INVALID (overlapSeconds).',
    args: { input: t.arg({ type: RotateWebhookTargetSecretInput, required: true, description: 'Which target.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) =>
        context.services.targets.rotateSecret(authoredCaller(context, info), input, effect),
      ),
  }),
);

const SendTestEventInput = builder.inputType('SendTestEventInput', {
  description: 'A webhook target to try.',
  fields: (t) => ({
    targetId: t.id({
      required: true,
      description: 'KSUID of the target. A PAUSED target gets the event when it is ACTIVE again.',
    }),
    eventType: t.string({
      description:
        'Type of the test event, a name and no pattern; the target need not be subscribed to it. Default: the first ' +
        'type that the target is subscribed to, of a pattern the first by name, or the first of the catalog.',
    }),
  }),
});

const SendTestEventPayload = payloadType<{ deliveryId: string }>(
  'SendTestEventPayload',
  'What sendTestEvent did.',
  (t) => ({ delivery: deliveryField(t, 'The delivery to follow; null when there are userErrors.') }),
);

builder.mutationField('sendTestEvent', (t) =>
  t.field({
    type: SendTestEventPayload,
    needs: 'TARGETS_WRITE',
    description:
      'Publishes a real event to one target only, with the example data of its type, or `{"test":true}` where the ' +
      'type has none. It is signed, retried and listed like any other event. User errors: NOT_FOUND, ' +
      'UNKNOWN_EVENT_TYPE, INVALID_STATE (the target is DISABLED).',
    args: { input: t.arg({ type: SendTestEventInput, required: true, description: 'Which target, which type.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) => context.services.publisher.sendTest(callerOf(context), input, effect)),
  }),
);
