/** The public keys that receivers verify with. */
import { publicKeyForms } from '../domain/signature.ts';
import { signingKeyState } from '../domain/signing-key.ts';
import type { SigningKeyRow } from '../manage/signing-keys.ts';
import { builder } from './builder.ts';
import { loadersOf } from './reads.ts';

const formsOf = ({ publicKey }: { readonly publicKey: string }) => publicKeyForms(Buffer.from(publicKey, 'hex'));

const SigningKey = builder.objectRef<SigningKeyRow>('SigningKey').implement({
  description:
    'An Ed25519 key (RFC 8032) that signs every request of this deployment, to all targets of all organizations. ' +
    'The same keys stand in `/.well-known/jwks.json` (RFC 7517, RFC 8037).',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Id of the key.' }),
    algorithm: t.string({ description: 'Always `Ed25519`.', resolve: () => 'Ed25519' }),
    publicKeyHex: t.string({
      description: '64 hex characters: the raw 32-byte public key. What X-Webhook-Signature is verified with.',
      resolve: (key) => formsOf(key).publicKeyHex,
    }),
    publicKey: t.string({
      description: '`whpk_` and base64 of the raw public key (Standard Webhooks), for `v1a` in webhook-signature.',
      resolve: (key) => formsOf(key).publicKey,
    }),
    publicKeyPem: t.string({
      description: 'SPKI PEM (RFC 8410), with its BEGIN and END lines.',
      resolve: (key) => formsOf(key).publicKeyPem,
    }),
    active: t.boolean({
      description:
        'Whether this key signs X-Webhook-Signature: exactly one does. The others are being rotated in or out, and ' +
        'sign webhook-signature beside it.',
      resolve: (key, _, { services }) => signingKeyState(key, services.clock.now()) === 'ACTIVE',
    }),
    activeFrom: t.expose('activeAt', {
      type: 'DateTime',
      description:
        'From when it signs X-Webhook-Signature. In the future for the next key: trust it beside the active one ' +
        'before then.',
    }),
    activeUntil: t.expose('retiredAt', {
      ...{ type: 'DateTime', nullable: true },
      description: 'When the next key takes X-Webhook-Signature over; null: no rotation is planned.',
    }),
    expiresAt: t.expose('expiresAt', {
      ...{ type: 'DateTime', nullable: true },
      description: 'When it ends to sign webhook-signature, too; null: no rotation is planned.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the key was made.' }),
  }),
});

builder.queryField('signingKeys', (t) =>
  t.field({
    type: [SigningKey],
    needs: 'PUBLIC',
    description:
      'The keys that sign requests now, newest first: the active one, while keys are rotated also the next and the ' +
      'one before. Every request carries, in webhook-signature, a `v1a` by each of them, so a receiver that trusts ' +
      'any one verifies it. X-Webhook-Signature is by the active key alone: trust all of these keys for it.',
    resolve: (_, _args, context) => loadersOf(context).signingKeys.load(context.services.clock.now()),
  }),
);
