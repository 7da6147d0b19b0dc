/** A new secret for a webhook target. */
import { authoredCaller } from './build/authored.ts';
import { builder } from './build/builder.ts';
import { payloadType, perform } from './build/user-error.ts';
import { targetField } from './webhook-target-mutations.ts';

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
      description: 'When the secret before this one ends to sign. Null when there are userErrors.',
      resolve: ({ value }) => value && new Date(value.overlapEndsAt),
    }),
  }),
);

builder.mutationField('rotateWebhookTargetSecret', (t) =>
  t.field({
    type: RotateWebhookTargetSecretPayload,
    needs: 'TARGETS_WRITE',
    description:
      'Gives a webhook target a new secret. Until the overlap ends, webhook-signature carries a `v1` of the new ' +
      'and of the old one. Answers after two seconds, when every request carries the new one: a receiver may trust it ' +
      'alone from then on. Of older secrets that have not ended yet, the four newest go on. User errors: NOT_FOUND, ' +
      'INVALID (overlapSeconds).',
    args: { input: t.arg({ type: RotateWebhookTargetSecretInput, required: true, description: 'Which target.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) =>
        context.services.targets.rotateSecret(authoredCaller(context, info), input, effect),
      ),
  }),
);
