/** The public keys that receivers verify with. */
import { publicKeyForms } from '../domain/signature.ts';
import { builder } from './builder.ts';

const formsOf = ({ publicKey }: { readonly publicKey: string }) => publicKeyForms(Buffer.from(publicKey, 'hex'));

const SigningKey = builder.prismaObject('SigningKey', {
  description:
    'An Ed25519 key (RFC 8032) that signs every request of this deployment, to all targets of all organizations. ' +
    'The same keys stand in `/.well-known/jwks.json` (RFC 7517, RFC 8037).',
  select: { id: true },
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Id of the key.' }),
    algorithm: t.string({ description: 'Always `Ed25519`.', resolve: () => 'Ed25519' }),
    publicKeyHex: t.string({
      select: { publicKey: true },
      description: '64 hex characters: the raw 32-byte public key. What X-Webhook-Signature is verified with.',
      resolve: (key) => formsOf(key).publicKeyHex,
    }),
    publicKey: t.string({
      select: { publicKey: true },
      description: '`whpk_` and base64 of the raw public key (Standard Webhooks), for `v1a` in webhook-signature.',
      resolve: (key) => formsOf(key).publicKey,
    }),
    publicKeyPem: t.string({
      select: { publicKey: true },
      description: 'SPKI PEM (RFC 8410), with its BEGIN and END lines.',
      resolve: (key) => formsOf(key).publicKeyPem,
    }),
    active: t.exposeBoolean('active', {
      description:
        'Whether this key signs X-Webhook-Signature: exactly one does. The others are being rotated in or out, and ' +
        'sign webhook-signature beside it.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the key was made.' }),
  }),
});

builder.queryField('signingKeys', (t) =>
  t.prismaField({
    type: [SigningKey],
    needs: 'PUBLIC',
    description:
      'The keys that sign requests now, newest first; keys that were rotated out are left off once they sign ' +
      'nothing. A receiver that accepts any of them survives a rotation.',
    resolve: (query, _, _args, { services }) =>
      services.prisma.signingKey.findMany({
        ...query,
        where: { OR: [{ expiresAt: null }, { expiresAt: { gt: services.clock.now() } }] },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      }),
  }),
);
