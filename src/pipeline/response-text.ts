/**
 * What is kept of a response, as text that PostgreSQL and JSON accept: UTF-8 with U+FFFD for whatever is not, and for
 * NUL. Bodies are kept as they came: nothing is decompressed.
 */

/** Of a response body; what follows is neither read nor waited for. */
export const MAX_BODY_BYTES = 16_384;

/** undici hands headers over as Latin-1: the bytes, one character each. */
export function readableHeaders(headers: NodeJS.Dict<string | string[]>): Record<string, string | string[]> {
  for (const name in headers) {
    const value = headers[name]!;
    if (typeof value !== 'string') headers[name] = value.map(readableHeader);
    else if (NOT_PLAIN.test(value)) headers[name] = readableHeader(value);
  }
  return headers as Record<string, string | string[]>;
}

const NOT_PLAIN = /[^\t\x20-\x7e]/;

const readableHeader = (latin1: string): string => readable(Buffer.from(latin1, 'latin1'));

/** At most MAX_BODY_BYTES of the chunks, without half a character at the cut. */
export function readableBody(chunks: readonly Buffer[]): string {
  if (chunks.length === 0) return '';
  const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  return readable(bytes.length > MAX_BODY_BYTES ? bytes.subarray(0, characterStart(bytes, MAX_BODY_BYTES)) : bytes);
}

function readable(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text;
}

/** The start of the UTF-8 character that the byte at `end` belongs to; `end` itself where the text is not UTF-8. */
function characterStart(bytes: Buffer, end: number): number {
  for (let start = end; start > end - 4; start--) {
    if ((bytes[start]! & 0b1100_0000) !== 0b1000_0000) return start;
  }
  return end;
}
