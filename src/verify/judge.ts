/** Whether one of a request's signatures is fresh and made by a trusted key. */
import { type Bytes, concat } from './bytes.ts';
import type { Claim, Scheme } from './headers.ts';
import { isSignedBy, type Keys } from './keys.ts';
import { isFarther, type Refusal, refuse } from './refusal.ts';

/** The signature that was accepted, and when it was made (Unix seconds). */
export type VerifiedSignature = { readonly ok: true; readonly scheme: Scheme; readonly timestampSeconds: number };

/** What the claims are judged by. */
export type Evidence = {
  readonly body: Bytes;
  readonly keys: Keys;
  readonly now: Date;
  readonly toleranceSeconds: number;
};

type Outcome = VerifiedSignature | Refusal;

const NOT_SIGNED =
  'expected webhook-id, webhook-timestamp and webhook-signature, or X-Webhook-Timestamp and X-Webhook-Signature; ' +
  'none came: the sender does not sign, or something in between dropped its headers';

/** The first claim that holds; otherwise the refusal of the one that got farthest. */
export async function judge(claims: readonly (Claim | Refusal)[], evidence: Evidence): Promise<Outcome> {
  let farthest: Refusal | undefined;
  for (const claim of claims) {
    const outcome = await judgeClaim(claim, evidence);
    if (outcome.ok) return outcome;
    if (!farthest || isFarther(outcome, farthest)) farthest = outcome;
  }
  return farthest ?? refuse('missing-header', NOT_SIGNED);
}

async function judgeClaim(claim: Claim | Refusal, evidence: Evidence): Promise<Outcome> {
  if ('ok' in claim) return claim;
  const { timestampSeconds, prefix, signatures } = claim;
  const { body, keys, now, toleranceSeconds } = evidence;

  const ageSeconds = Math.floor(now.getTime() / 1000) - timestampSeconds;
  // Written so that a time that is not a number is refused.
  if (!(Math.abs(ageSeconds) <= toleranceSeconds)) {
    return refuse(
      'timestamp-out-of-tolerance',
      `signed at ${timestampSeconds}, ${ageSeconds} s before this clock; at most ${toleranceSeconds} s either way: ` +
        'an old request was repeated, or one of the clocks is wrong',
    );
  }

  const content = concat(prefix, body);
  for (const signature of signatures) {
    if (await isSignedBy(keys, signature, content)) return { ok: true, scheme: signature.scheme, timestampSeconds };
  }
  const schemes = signatures.map(({ scheme }) => scheme).join(', ') || 'no usable signature';
  return refuse(
    'no-matching-signature',
    `checked ${schemes} (public keys: ${keys.publicKeys.length}, secrets: ${keys.secrets.length}): it was signed ` +
      'with another key, or the body is not byte for byte what was sent',
  );
}
