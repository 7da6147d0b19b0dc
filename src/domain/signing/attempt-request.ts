/**
 * What is stored of the request of an attempt: only what no other row tells. The event and the delivery tell the rest, and the
 * destination does: the URL at that time, the target's own headers, and the brand.
 *
 *     "9sXc0Vt2k1Qa_wE3 1 1764388800 keep-alive 3q2+7wAA v1a,kY0bTz9d v1,Zm9vYmFy"
 *      │                │ │          │          │        └ webhook-signature: the begin of each of its signatures
 *      │                │ │          │          └ X-Webhook-Signature: its begin
 *      │                │ │          └ the header connection; "-": nothing was sent, because no connection was there
 *      │                │ └ Unix seconds, of X-Webhook-Timestamp
 *      │                └ the number in the header of the attempt
 *      └ the id of the destination
 *
 * 74 bytes with one signing key and one secret. With whole signatures it would be 280, and whoever reads them could send the
 * request once more.
 */

/** The header connection of a request. */
export type SentConnection = 'keep-alive' | 'close';

/** What signing decides of a request. */
export type Stamp = {
  readonly number: number;
  /** Unix seconds. */
  readonly timestamp: number;
  /** The begin of X-Webhook-Signature. */
  readonly signature: string;
  /** webhook-signature, with the begin of each of its signatures. */
  readonly signatures: string;
};

export type AttemptRequest = Stamp & {
  readonly destinationId: string;
  /** Null: nothing was sent. */
  readonly connection: SentConnection | null;
};

const SHOWN_CHARACTERS = 8;
const NOTHING_SENT = '-';

/** The begin of a signature: it tells signatures apart, and verifies nothing. */
export const beginOf = (signature: string): string => signature.slice(0, SHOWN_CHARACTERS);

/** The same of each signature in a webhook-signature: "v1a,…" and "v1,…", with a space between them. */
export const beginsOf = (signatures: string): string =>
  signatures
    .split(' ')
    .map((signature) => signature.slice(0, signature.indexOf(',') + 1 + SHOWN_CHARACTERS))
    .join(' ');

export const writeAttemptRequest = (request: AttemptRequest): string =>
  [
    request.destinationId,
    request.number,
    request.timestamp,
    request.connection ?? NOTHING_SENT,
    request.signature,
    request.signatures,
  ].join(' ');

/** Reads what writeAttemptRequest wrote. */
export function readAttemptRequest(text: string): AttemptRequest {
  const [destinationId = '', number, timestamp, connection, signature = '', ...signatures] = text.split(' ');
  return {
    destinationId,
    number: Number(number),
    timestamp: Number(timestamp),
    connection: connection === NOTHING_SENT ? null : (connection as SentConnection),
    signature,
    signatures: signatures.join(' '),
  };
}
