/** A request as a target receives it, signed in both families by the code that signs deliveries. */
import {
  dakotaContent,
  ed25519Signature,
  encodeSecret,
  hmacSignature,
  type SigningKeyPair,
  signingKeyFromSeed,
  standardContent,
} from '../../src/domain/signing/signature.ts';

export type SignedRequest = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

type Signers = {
  readonly id: string;
  readonly body: string;
  readonly timestampSeconds: number;
  /** The first one is active: it makes X-Webhook-Signature. */
  readonly signingKeys: readonly SigningKeyPair[];
  readonly secrets: readonly Uint8Array[];
};

/** Header names in lower case, as Node hands them over. */
export function signRequest({ id, body, timestampSeconds, signingKeys, secrets }: Signers): SignedRequest {
  const content = standardContent(id, timestampSeconds, body);
  const signatures = [
    ...signingKeys.map((key) => `v1a,${ed25519Signature(key, content)}`),
    ...secrets.map((secret) => `v1,${hmacSignature(secret, content)}`),
  ];
  const [active] = signingKeys;
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': signatures.join(' '),
      'x-webhook-timestamp': String(timestampSeconds),
      ...(active && { 'x-webhook-signature': ed25519Signature(active, dakotaContent(timestampSeconds, body)) }),
    },
  };
}

/** A key pair that is the same in every run; another `fill` is another key. */
export const testKey = (fill: number): SigningKeyPair =>
  signingKeyFromSeed(`key-${fill}`, new Uint8Array(32).fill(fill));

/** A target's secret that is the same in every run, raw and as its owner has it. */
export function testSecret(fill: number): { readonly raw: Uint8Array; readonly text: string } {
  const raw = new Uint8Array(24).fill(fill);
  return { raw, text: encodeSecret(raw) };
}
