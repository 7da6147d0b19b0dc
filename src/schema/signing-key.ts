/** The public keys that receivers verify with. */
import type { PublicSigningKey } from '../manage/public-keys.ts';
import { builder } from './build/builder.ts';

const SigningKey = builder.objectRef<PublicSigningKey>('SigningKey').implement({
  description:
    'An Ed25519 key (RFC 8032) that signs every request of this deployment, to all targets of all organizations. ' +
    '`/.well-known/jwks.json` (RFC 7517, RFC 8037) lists the same signing keys in the same order, with the members ' +
    '`active` and, where expiresAt is known, `exp` (Unix seconds).',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Id of the signing key.' }),
    algorithm: t.string({ description: 'Always `Ed25519`.', resolve: () => 'Ed25519' }),
    publicKeyHex: t.string({
      description: '64 hex characters: the raw 32-byte public key. It verifies X-Webhook-Signature.',
      resolve: ({ forms }) => forms.publicKeyHex,
    }),
    publicKey: t.string({
      description: '`whpk_` and base64 of the raw public key (Standard Webhooks), for `v1a` in webhook-signature.',
      resolve: ({ forms }) => forms.publicKey,
    }),
    publicKeyPem: t.string({
      description: 'SPKI PEM (RFC 8410), with its BEGIN and END lines.',
      resolve: ({ forms }) => forms.publicKeyPem,
    }),
    active: t.boolean({
      description:
        'Whether this signing key signs X-Webhook-Signature: exactly one does. The others are being rotated in or ' +
        'out, and sign webhook-signature beside it.',
      resolve: ({ isActive }) => isActive,
    }),
    activeFrom: t.expose('activeAt', {
      type: 'DateTime',
      description:
        'When this signing key begins to sign X-Webhook-Signature. For the next one this is in the future: trust ' +
        'it beside the active one before then.',
    }),
    activeUntil: t.expose('retiredAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the next signing key begins to sign X-Webhook-Signature in its place; null: no rotation is planned.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When this signing key stops signing webhook-signature too; null: no rotation is planned.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the signing key was made.' }),
  }),
});

builder.queryField('signingKeys', (t) =>
  t.field({
    type: [SigningKey],
    needs: 'PUBLIC',
    description:
      'The signing keys in use, at most 3 seconds old. The active one always comes first; while signing keys are ' +
      'rotated, the next one and the earlier ones follow. In webhook-signature every request carries a `v1a` by ' +
      'each of them, so a receiver that trusts any of them can verify it. X-Webhook-Signature is by the active one ' +
      'alone: trust all of them for it.',
    resolve: async (_, _args, { services }) => [...(await services.publicKeys.current())],
  }),
);
