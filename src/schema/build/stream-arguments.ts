/** What the live streams have in common as fields of the API: their promise, where they begin, and what a filter may be. */
import { isId } from '../../domain/ksuid.ts';
import { quote } from '../../domain/text.ts';
import { RequestError } from '../../errors.ts';
import type { ChangeFilter } from '../../live/feed.ts';

export const STREAM_PROMISE =
  'every committed change exactly once, in a fixed order, which is that of the commits. The stream ends within 5 ' +
  'seconds of its API key (over WebSocket the socket closes with 4403, over SSE the stream ends with ' +
  'UNAUTHENTICATED), and with SLOW_CONSUMER when the client reads too slowly to be kept: resume after the last cursor.';

export const describeAfter = (query: string): string =>
  `A cursor of a change, or of ${query}: what was missed since comes first, without gap or repeat. Any API process ` +
  'takes it. Default: from now on. CURSOR_EXPIRED when the changes after it are no longer kept, when the database ' +
  'went back to a state without its change (a restore, a failover that lost commits), or when it does not open (it was ' +
  'given to another organization, was changed, or its MASTER_KEY is gone): load the list again. BAD_USER_INPUT when it ' +
  'is no cursor of this stream and deployment.';

/** How a client uses the cursor of a stream; `list` is the field whose list it loads. */
export const describeStreamCursor = (stream: string, list: string): string =>
  `Where the stream of ${stream} stands, in the snapshot that the operation reads. Ask for it beside \`${list}\`, or ` +
  'before it, then subscribe with it as `after`: list and stream join without a gap, and what changed in between is ' +
  'seen twice rather than never. Opaque, and good for the caller’s organization only.';

export const STREAM_FILTER =
  'Which changes to stream: those that satisfy every field that is given. Null restricts nothing. An empty list, or an ' +
  'id of the wrong shape, would wait forever and is an error (BAD_USER_INPUT); an id that does not exist matches nothing.';

type Given = Readonly<Record<string, string | readonly string[] | null | undefined>>;

/** The fields that are given, for the feed. Throws BAD_USER_INPUT for one that can never match. */
export function streamFilter<F extends ChangeFilter>(organizationId: string, filter: Given): F {
  const given = Object.entries(filter).filter(([, value]) => value != null) as [string, string | readonly string[]][];
  for (const [name, value] of given) {
    if (typeof value === 'string' && !isId(value)) {
      refuse(name, `expected an id of 27 characters 0-9, A-Z, a-z; got ${quote(value)}`);
    }
    if (value.length === 0) refuse(name, 'expected at least one value, or null for no restriction; got none');
  }
  return { ...Object.fromEntries(given), organizationId } as unknown as F;
}

function refuse(name: string, message: string): never {
  const argument = `filter.${name}`;
  throw new RequestError('BAD_USER_INPUT', `\`${argument}\`: ${message}.`, { argument });
}
