/** What the head of a request must be like before anything reads it. Node is more lenient, and so are proxies. */
import type { IncomingMessage } from 'node:http';

/**
 * Of a repeated one of these Node keeps the first and says nothing. A proxy may have gone by the last: it then guarded, or
 * routed, a request that is not the one we answer.
 */
const ONCE: ReadonlySet<string> = new Set(['host', 'authorization', 'content-type']);
const LONGEST = Math.max(...[...ONCE].map((name) => name.length));

/** uri-host [ ":" port ] (RFC 9110, 7.2), without the signs that would make a path, a query or a user name of it. */
const HOST = /^[^\s/?#@\\]+$/;

/** What is wrong with the head, as a sentence for its client; null when nothing is. Answer it with 400. */
export function mistakeOfHead({ rawHeaders, headers: { host } }: IncomingMessage): string | null {
  const repeated = findRepeated(rawHeaders);
  if (repeated !== null) return `Expected one ${repeated} header, got several. Send one.`;
  const isHost = host === undefined || (HOST.test(host) && URL.canParse(`http://${host}`));
  return isHost ? null : 'Expected a valid Host header: a name or an address, and a port where it is not the default.';
}

/** `rawHeaders` are names and values by turns. */
function findRepeated(rawHeaders: readonly string[]): string | null {
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const given = rawHeaders[index]!;
    if (given.length > LONGEST) continue;
    const name = given.toLowerCase();
    if (!ONCE.has(name)) continue;
    if (seen.has(name)) return given;
    seen.add(name);
  }
  return null;
}
