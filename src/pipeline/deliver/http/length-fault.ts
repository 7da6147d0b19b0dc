/**
 * Says what is wrong with the lengths in the head of a response, as the end of a sentence that begins with the host;
 * undefined when they are right. With two lengths, or a length beside an encoding, two readers may disagree on where a
 * response ends (RFC 9112, 6.3). The HTTP client refuses such a response, but says only that it is too short.
 */
export function lengthFault(head: string): string | undefined {
  const lengths = valuesOf(head, 'content-length');
  if (lengths.length === 0) return undefined;
  if (lengths.length > 1) return 'sent the header Content-Length more than once: send it once';
  if (valuesOf(head, 'transfer-encoding').length > 0) {
    return 'sent both Content-Length and Transfer-Encoding: send one of them';
  }
  const value = lengths[0]!;
  if (isLength(value)) return undefined;
  return `sent a Content-Length that is not one number of bytes (${printable(value)}): send decimal digits only`;
}

/** Returns the values of a header. One line is one header: the HTTP client refuses folded lines. */
function valuesOf(head: string, name: string): string[] {
  const lines = head.split('\r\n').map((line) => ({ line, colon: line.indexOf(':') }));
  const named = lines.filter(({ line, colon }) => line.slice(0, Math.max(colon, 0)).toLowerCase() === name);
  return named.map(({ line, colon }) => line.slice(colon + 1).trim());
}

const MAX_LENGTH = 2n ** 64n - 1n;

const isLength = (value: string): boolean => /^\d{1,20}$/.test(value) && BigInt(value) <= MAX_LENGTH;

const printable = (value: string): string => JSON.stringify(value.slice(0, 40).replace(/[^\x20-\x7e]/g, '?'));
