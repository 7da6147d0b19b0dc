/** What anonymous callers send that costs a server more than them. */
import { randomBytes } from 'node:crypto';
import { getIntrospectionQuery } from 'graphql';

const times = (count: number, part: (index: number) => string, separator = ' '): string =>
  Array.from({ length: count }, (_, index) => part(index)).join(separator);

const query = (text: string): Buffer => Buffer.from(JSON.stringify({ query: text }));

/** Fifty reads of a public list in one document. */
export const ALIASES = query(`{ ${times(50, (index) => `a${index}: signingKeys { id publicKeyHex }`)} }`);

const FRAGMENTS = 100;
/** A cycle of fragments, each of which spreads three others: validation follows every way through it. */
export const FRAGMENT_CYCLE = query(
  `{ ...F0 } ${times(FRAGMENTS, (index) => {
    const spreads = [1, 2, 3].map((step) => `...F${(index + step) % FRAGMENTS}`).join(' ');
    return `fragment F${index} on Query { ${spreads} }`;
  })}`,
);

export const INTROSPECTION = query(getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }));

export const SUBSCRIPTION = query('subscription { deliveryStatusChanged { cursor delivery { event { body } } } }');

/** A small query under a key that nobody has, another one each time: it can only be looked up. */
export const HELLO = query('{ viewer { organization { id } } }');
export const garbageKey = (): string => `hk_${randomBytes(24).toString('base64url')}`;

/** A byte less than the largest body of release 0.1.0. */
const BIG_BYTES = 8 * 1024 * 1024 - 1;
/** A message over WebSocket may have 64 KiB. */
const MESSAGE_BYTES = 60 * 1024;

/** A list whose items are as small as items can be, and cost most when they are parsed. */
function flatList(before: string, item: string, after: string, bytes: number): Buffer {
  const count = Math.floor((bytes - before.length - after.length) / (item.length + 1));
  return Buffer.from(before + times(count, () => item, ',') + after);
}

const inVariables = (item: string) => flatList('{"query":"{__typename}","variables":{"x":[', item, ']}}', BIG_BYTES);

/** The two worst lists that were found: one object, or one number that no double holds, after another. */
export const BIG_BODIES: readonly Buffer[] = [inVariables('{}'), inVariables('1e400')];

export const bigInit = (): Buffer =>
  flatList(`{"type":"connection_init","payload":{"apiKey":"${garbageKey()}","x":[`, '{}', ']}}', MESSAGE_BYTES);
