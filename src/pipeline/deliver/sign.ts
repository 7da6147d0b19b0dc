/** Sign: makes the request of a claim. Only this file makes requests, so no unsigned request can be sent. */
import { dakotaContent, ed25519Signature, hmacSignature, standardContent } from '../../domain/signing/signature.ts';
import type { Claim, FreshClaim } from './claim.ts';
import type { Keyring } from './keyring.ts';
import type { Outgoing } from './send.ts';

export type SignedRequest = { readonly claim: Claim; readonly outgoing: Outgoing };

export type Signer = (fresh: FreshClaim, now: Date) => SignedRequest;

/** The signatures that are the same for all targets of one event in one second. */
type EventSignatures = { readonly dakota: string; readonly standard: string };

export function createSigner(keyring: Keyring, brand: string): Signer {
  let cachedSecond = 0;
  let cached = new Map<string, EventSignatures>();

  function signaturesOf({ claim, body }: FreshClaim, timestamp: number, content: string, now: Date): EventSignatures {
    if (timestamp !== cachedSecond) [cachedSecond, cached] = [timestamp, new Map()];
    const known = cached.get(claim.eventId);
    if (known) return known;
    const { active, valid } = keyring.current(now);
    const signatures = {
      dakota: ed25519Signature(active, dakotaContent(timestamp, body)),
      standard: valid.map((key) => `v1a,${ed25519Signature(key, content)}`).join(' '),
    };
    cached.set(claim.eventId, signatures);
    return signatures;
  }

  return (fresh, now) => {
    const { claim, body } = fresh;
    const timestamp = Math.floor(now.getTime() / 1_000);
    const content = standardContent(claim.eventId, timestamp, body);
    const { dakota, standard } = signaturesOf(fresh, timestamp, content, now);
    const hmacs = claim.secrets.map((secret) => `v1,${hmacSignature(secret, content)}`);
    const headers = {
      'Content-Type': 'application/json',
      'User-Agent': `${brand}-Webhooks/1.0`,
      'X-Webhook-Timestamp': String(timestamp),
      'X-Webhook-Signature': dakota,
      [`X-${brand}-Event-ID`]: claim.eventId,
      [`X-${brand}-Event-Type`]: claim.eventType,
      [`X-${brand}-Delivery-Attempt`]: String(claim.number),
      'webhook-id': claim.eventId,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': [standard, ...hmacs].join(' '),
    };
    const { url, organizationId } = claim;
    return { claim, outgoing: { url, headers, body, organizationId } };
  };
}
