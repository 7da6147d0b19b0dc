/** Judges whether a request is fresh, and signed by the keys that its receiver trusts. */
import { type Bytes, concat } from './bytes.ts';
import type { SignatureFamily, Scheme, Signature } from './headers.ts';
import { findSigned, type Keys, KINDS } from './keys.ts';
import { isFarther, type Refusal, refuse } from './refusal.ts';

/** What was accepted, and when it was signed (Unix seconds). */
export type VerifiedSignature = {
  readonly ok: true;
  /** One for each kind of key that was given: `v1` for secrets, `v1a` or `x-webhook` for public keys. */
  readonly schemes: readonly Scheme[];
  readonly timestampSeconds: number;
};

/** What the header families are judged by. */
export type Evidence = {
  readonly body: Bytes;
  readonly keys: Keys;
  readonly now: Date;
  readonly toleranceSeconds: number;
};

type Outcome = VerifiedSignature | Refusal;

const STANDARD_HEADERS = 'webhook-id, webhook-timestamp and webhook-signature';
const X_WEBHOOK_HEADERS = 'X-Webhook-Timestamp and X-Webhook-Signature';

/** The first family whose signatures hold; otherwise the refusal that got farthest. */
export async function judgeSignatures(
  families: readonly (SignatureFamily | Refusal)[],
  evidence: Evidence,
): Promise<Outcome> {
  let farthest: Refusal | undefined;
  for (const family of families) {
    const outcome = await judgeFamily(family, evidence);
    if (outcome.ok) return outcome;
    if (!farthest || isFarther(outcome, farthest)) farthest = outcome;
  }
  return farthest ?? refuseBare(evidence.keys);
}

function refuseBare({ secrets }: Keys): Refusal {
  const expected = secrets.length > 0 ? STANDARD_HEADERS : `${STANDARD_HEADERS}, or ${X_WEBHOOK_HEADERS}`;
  return refuse(
    'missing-header',
    `expected ${expected}; none came: the sender does not sign, or something in between dropped its headers`,
  );
}

async function judgeFamily(family: SignatureFamily | Refusal, evidence: Evidence): Promise<Outcome> {
  if ('ok' in family) return family;
  const { timestampSeconds, prefix, signatures } = family;
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
  const schemes: Scheme[] = [];
  for (const kind of KINDS) {
    const trusted = keys[kind.name];
    if (trusted.length === 0) continue;
    const signature = await findSigned(kind, trusted, { signatures, content });
    if (!signature) return refuseUnsigned(kind.schemes, signatures, `${kind.name} given: ${trusted.length}`);
    schemes.push(signature.scheme);
  }
  return { ok: true, schemes, timestampSeconds };
}

function refuseUnsigned(expected: readonly Scheme[], signatures: readonly Signature[], given: string): Refusal {
  const came = signatures.map(({ scheme }) => scheme).join(', ') || 'no usable signature';
  return refuse(
    'no-matching-signature',
    `expected ${expected.join(' or ')} by one of the ${given}; came ${came}: it was signed with another key or for ` +
      'another target, or the body is not byte for byte what was sent',
  );
}
