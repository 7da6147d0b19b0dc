/** Bytes and their text forms, with nothing but what Node and browsers share. Every function copies what it returns. */

export type Bytes = Uint8Array<ArrayBuffer>;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const HEX = /^(?:[0-9A-Fa-f]{2})+$/;
const encoder = new TextEncoder();
// A byte order mark is part of the signed bytes, so it is kept: no JSON text may start with one.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes padded base64 of exactly `length` bytes, or of at least one byte without `length`. Null for any other text. */
export function decodeBase64(text: string, length?: number): Bytes | null {
  // Lengths are checked first: a wrong text must not cost more than one of the right length.
  const textLength = length === undefined ? text.length : 4 * Math.ceil(length / 3);
  if (text === '' || text.length !== textLength || !BASE64.test(text)) return null;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return length === undefined || bytes.length === length ? bytes : null;
}

/** Decodes base64url without padding (RFC 7515) of exactly `length` bytes. Null for any other text. */
export function decodeBase64Url(text: string, length: number): Bytes | null {
  if (text.length !== Math.ceil((length * 4) / 3) || /[+/=]/.test(text)) return null;
  const padding = '='.repeat((4 - (text.length % 4)) % 4);
  return decodeBase64(text.replaceAll('-', '+').replaceAll('_', '/') + padding, length);
}

export function decodeHex(text: string): Bytes | null {
  if (!HEX.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(2 * index, 2 * index + 2), 16),
  );
}

/** Copies text or bytes; null for anything else. It does not ask which realm made the value: tests and frames mix realms. */
export function toBytes(body: unknown): Bytes | null {
  if (typeof body === 'string') return encoder.encode(body);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
  if (Object.prototype.toString.call(body) !== '[object ArrayBuffer]') return null;
  return new Uint8Array(body as ArrayBuffer).slice();
}

export function concat(first: Bytes, second: Bytes): Bytes {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/** Decodes UTF-8; null when the bytes are not UTF-8. */
export function decodeText(bytes: Bytes): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}
