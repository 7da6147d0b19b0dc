/**
 * What is kept of a response, as text that PostgreSQL and JSON accept: UTF-8, with U+FFFD for NUL and for bytes that are
 * not UTF-8. Bodies are not decompressed.
 */

export type TargetResponse = {
  readonly kind: 'response';
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Record<string, string | string[]>;
  /** At most 16 KiB of the response. */
  readonly body: string;
  readonly bodyTruncated: boolean;
};

/** A response that is still arriving. */
export type Arrival = {
  hasBegun: boolean;
  interimResponses: number;
  /** 0 until the final response's headers are there. */
  status: number;
  headers: Record<string, string | string[]>;
  readonly chunks: Buffer[];
  bodyBytes: number;
};

/** The most bytes of a response body; the rest is neither read nor waited for. */
const MAX_BODY_BYTES = 16_384;

export const emptyArrival = (): Arrival => ({
  hasBegun: false,
  interimResponses: 0,
  status: 0,
  headers: {},
  chunks: [],
  bodyBytes: 0,
});

/** The most 1xx responses, such as the hints of a 103; real servers send one or two. */
export const MAX_INTERIM_RESPONSES = 32;

/** Takes the headers of a response, interim or final; false when there were too many interim ones. */
export function addHeaders(arrival: Arrival, status: number, headers: NodeJS.Dict<string | string[]>): boolean {
  if (status < 200) return ++arrival.interimResponses <= MAX_INTERIM_RESPONSES;
  arrival.status = status;
  arrival.headers = readableHeaders(headers);
  return true;
}

/** Takes a piece of the body; false when it does not fit any more. */
export function addToBody(arrival: Arrival, chunk: Buffer): boolean {
  arrival.chunks.push(chunk);
  arrival.bodyBytes += chunk.length;
  return arrival.bodyBytes <= MAX_BODY_BYTES;
}

export function answerOf({ status, headers, chunks, bodyBytes }: Arrival): TargetResponse {
  return { kind: 'response', status, headers, body: readableBody(chunks), bodyTruncated: bodyBytes > MAX_BODY_BYTES };
}

const NOT_PLAIN = /[^\t\x20-\x7e]/;

/** Changes the headers in place. undici reads them as Latin-1, one character for each byte. */
function readableHeaders(headers: NodeJS.Dict<string | string[]>): Record<string, string | string[]> {
  for (const name in headers) {
    const value = headers[name]!;
    if (typeof value !== 'string') headers[name] = value.map(readableHeader);
    else if (NOT_PLAIN.test(value)) headers[name] = readableHeader(value);
  }
  return headers as Record<string, string | string[]>;
}

const readableHeader = (latin1: string): string => readable(Buffer.from(latin1, 'latin1'));

function readableBody(chunks: readonly Buffer[]): string {
  if (chunks.length === 0) return '';
  const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  return readable(bytes.length > MAX_BODY_BYTES ? bytes.subarray(0, characterStart(bytes, MAX_BODY_BYTES)) : bytes);
}

function readable(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text;
}

/** Returns the start of the UTF-8 character that the byte at `end` belongs to; `end` itself where the bytes are not UTF-8. */
function characterStart(bytes: Buffer, end: number): number {
  for (let start = end; start > end - 4; start--) {
    if ((bytes[start]! & 0b1100_0000) !== 0b1000_0000) return start;
  }
  return end;
}
