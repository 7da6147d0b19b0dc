/** The headers that the service sends with a request to a target: their names, and their order. */

/** What the service's headers of one request say. */
export type RequestFacts = {
  /** The deployment's brand when it was sent: a part of names. */
  readonly brand: string;
  readonly eventId: string;
  readonly eventType: string;
  /** The number of the attempt. */
  readonly number: number;
  /** Unix seconds. */
  readonly timestamp: number;
  /** The value of X-Webhook-Signature. */
  readonly signature: string;
  /** The value of webhook-signature. */
  readonly signatures: string;
};

/** The headers, in the order in which they are sent. */
export const requestHeaders = (facts: RequestFacts): Record<string, string> => ({
  'Content-Type': 'application/json',
  'User-Agent': `${facts.brand}-Webhooks/1.0`,
  'X-Webhook-Timestamp': String(facts.timestamp),
  'X-Webhook-Signature': facts.signature,
  [`X-${facts.brand}-Event-ID`]: facts.eventId,
  [`X-${facts.brand}-Event-Type`]: facts.eventType,
  [`X-${facts.brand}-Delivery-Attempt`]: String(facts.number),
  'webhook-id': facts.eventId,
  'webhook-timestamp': String(facts.timestamp),
  'webhook-signature': facts.signatures,
});
