/** Why a request was not accepted. Every refusal is a value with a stable reason; the message is for the developer. */

/** The reasons, ordered by how far the request got: the farthest first. */
export const REFUSAL_REASONS = [
  /** Authentic, but its body is not an event. Only `verifyWebhook` asks for that. */
  'invalid-event',
  /** No signature of the request belongs to a given key: wrong key, or not the exact bytes that were sent. */
  'no-matching-signature',
  /** Signed too long ago, or in the future: a replay, or a wrong clock. */
  'timestamp-out-of-tolerance',
  /** A signature header is there and is not what the protocol allows. */
  'malformed-header',
  /** The request is not signed, or a proxy dropped the headers. */
  'missing-header',
  /** The caller's mistake: the body is not raw bytes or text, so nothing can be verified. */
  'body-not-raw',
  /** The caller's mistake: no key, or a key that cannot be one. */
  'invalid-key',
] as const;

export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export type Refusal = {
  readonly ok: false;
  readonly reason: RefusalReason;
  /** What was expected, what came, what to do. It holds no secret, but it is meant for your log, not for the sender. */
  readonly message: string;
};

export const refuse = (reason: RefusalReason, message: string): Refusal => ({ ok: false, reason, message });

/** Whether a request that was refused for `one` got farther than one refused for `other`. */
export const isFarther = (one: Refusal, other: Refusal): boolean =>
  REFUSAL_REASONS.indexOf(one.reason) < REFUSAL_REASONS.indexOf(other.reason);
