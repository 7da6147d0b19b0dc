/** Checks the head of a request before anything reads it. Node accepts more, and so do proxies. */
import type { IncomingMessage } from 'node:http';

/**
 * Headers that may come only once. Node keeps the first of several and says nothing, while a proxy may use the last. The proxy
 * then guarded, or routed, another request than the one we answer.
 */
const ONCE: ReadonlySet<string> = new Set(['host', 'authorization', 'content-type']);
const LONGEST = Math.max(...[...ONCE].map((name) => name.length));

/** uri-host [ ":" port ] (RFC 9110, 7.2), without the characters that begin a path or a query, or end a user name. */
const HOST = /^[^\s/?#@\\]+$/;

/** Says what is wrong with the head, for an answer with status 400; null when nothing is wrong. */
export function mistakeOfHead({ rawHeaders, headers: { host } }: IncomingMessage): string | null {
  const repeated = findRepeated(rawHeaders);
  if (repeated !== null) return `Expected one ${repeated} header, got several. Send one.`;
  const isHost = host === undefined || (HOST.test(host) && URL.canParse(`http://${host}`));
  return isHost ? null : 'Expected a valid Host header: a name or an address, and a port where it is not the default.';
}

/** The name of a header that came twice. `rawHeaders` holds a name, its value, the next name, and so on. */
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
