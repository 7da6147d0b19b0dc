/** Sign: makes the request of a claim. Only this file makes requests, so no unsigned request can be sent. */
import { beginOf, beginsOf, type Stamp } from '../../domain/signing/attempt-request.ts';
import { requestHeaders } from '../../domain/signing/request-headers.ts';
import { dakotaContent, ed25519Signature, hmacSignature, standardContent } from '../../domain/signing/signature.ts';
import type { Claim, FreshClaim } from './claim.ts';
import type { Keyring } from './keyring.ts';
import type { Outgoing } from './send.ts';

export type SignedRequest = {
  readonly claim: Claim;
  readonly outgoing: Outgoing;
  /** What is kept of it. */
  readonly stamp: Stamp;
};

export type Signer = {
  /** `traceparent`: a header for the receiver, which nothing signs. Default: none. */
  sign(fresh: FreshClaim, now: Date, traceparent?: string): SignedRequest;
  /** Makes the signatures of an event that all its targets share in this second. */
  signAhead(eventId: string, body: string, now: Date): void;
};

/** The signatures that are the same for all targets of one event in one second. */
type EventSignatures = { readonly dakota: string; readonly standard: string };

export function createSigner(keyring: Keyring, brand: string): Signer {
  let cachedSecond = 0;
  let cached = new Map<string, EventSignatures>();

  function signaturesOf(eventId: string, body: string, now: Date): EventSignatures {
    const timestamp = secondOf(now);
    if (timestamp !== cachedSecond) [cachedSecond, cached] = [timestamp, new Map()];
    const known = cached.get(eventId);
    if (known) return known;
    const content = standardContent(eventId, timestamp, body);
    const { active, valid } = keyring.current(now);
    const signatures = {
      dakota: ed25519Signature(active, dakotaContent(timestamp, body)),
      standard: valid.map((key) => `v1a,${ed25519Signature(key, content)}`).join(' '),
    };
    cached.set(eventId, signatures);
    return signatures;
  }

  function sign({ claim, body }: FreshClaim, now: Date, traceparent?: string): SignedRequest {
    const timestamp = secondOf(now);
    const { dakota, standard } = signaturesOf(claim.eventId, body, now);
    const content = standardContent(claim.eventId, timestamp, body);
    const hmacs = claim.secrets.map((secret) => `v1,${hmacSignature(secret, content)}`);
    const { url, organizationId, eventId, eventType, number } = claim;
    const signatures = [standard, ...hmacs].join(' ');
    const ours = requestHeaders({ brand, eventId, eventType, number, timestamp, signature: dakota, signatures });
    // Ours come last, so none of them is replaced.
    const trace = traceparent === undefined ? undefined : { traceparent };
    const headers = claim.headers || trace ? { ...claim.headers, ...ours, ...trace } : ours;
    const stamp = { number, timestamp, signature: beginOf(dakota), signatures: beginsOf(signatures) };
    return { claim, outgoing: { url, headers, body, organizationId, identity: claim.identity }, stamp };
  }

  return { sign, signAhead: (eventId, body, now) => void signaturesOf(eventId, body, now) };
}

const secondOf = (now: Date): number => Math.floor(now.getTime() / 1_000);
