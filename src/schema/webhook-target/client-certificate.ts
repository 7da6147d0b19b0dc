/** The client certificate of a webhook target, as it is given and shown. */
import type { ClientCertificate } from '../../domain/targets/certificates/client-certificate.ts';
import { builder } from '../build/builder.ts';

export const ClientCertificateRef = builder.objectRef<ClientCertificate>('ClientCertificate').implement({
  description: 'What a receiver sees of a client certificate. The private key is never shown.',
  fields: (t) => ({
    subject: t.exposeString('subject', { description: 'Distinguished name, e.g. `C=CH, O=Example Bank, CN=sender`.' }),
    issuer: t.exposeString('issuer', { description: 'Distinguished name of the authority that signed it.' }),
    serialNumber: t.exposeString('serialNumber', { description: 'In hexadecimal digits.' }),
    fingerprintSha256: t.exposeString('fingerprintSha256', { description: '64 hexadecimal digits, in lower case.' }),
    notBefore: t.expose('notBefore', { type: 'DateTime', description: 'When it became valid.' }),
    notAfter: t.expose('notAfter', {
      type: 'DateTime',
      description: 'When it ends. Give the target another one before.',
    }),
  }),
});

export const ClientCertificateInputRef = builder.inputType('ClientCertificateInput', {
  description:
    'A client certificate, for a receiver that asks for one (mutual TLS). It is checked: the key belongs to it, it is valid now, ' +
    'each certificate of the chain was issued by the next one, and its key is RSA of 2048 to 4096 bits, or EC on P-256, P-384 ' +
    'or P-521.',
  fields: (t) => ({
    certificatePem: t.string({
      required: true,
      description: 'PEM: the certificate and, after it, its chain; at most 10 certificates and 16 KiB.',
    }),
    privateKeyPem: t.string({
      required: true,
      description:
        'PEM: its private key, unencrypted (PKCS #8, RSA or EC), at most 16 KiB. It is stored encrypted, and never returned.',
    }),
  }),
});

export const CERTIFICATE_RULE =
  'Shown to a receiver that asks for a client certificate (mutual TLS). TLS shows it before the certificate of the receiver is ' +
  'judged, so a receiver that is then refused has seen it too; the key never leaves the service. Only https:// can ask.';
