/** What the live streams have in common as fields of the API: their promise, where they begin, and what a filter may be. */
import { isId } from '../../domain/ksuid.ts';
import { quote } from '../../domain/text.ts';
import { RequestError } from '../../errors.ts';
import type { ChangeFilter, Feed } from '../../live/feed.ts';
import { callerOf } from './access.ts';
import type { Context } from './context.ts';

export const STREAM_PROMISE =
  'every committed change exactly once, in the order of the commits. The stream ends within 5 seconds after its ' +
  'API key is revoked or expires: over WebSocket the socket closes with 4403, over SSE the stream ends with ' +
  'UNAUTHENTICATED. It ends with SLOW_CONSUMER when the client reads too slowly: resume after the last cursor.';

export const describeAfter = (query: string): string =>
  `A cursor of a change, or of ${query}. The stream begins with what came after it, without gap or repeat. Any API ` +
  'process takes it. A cursor in the header Last-Event-ID, as an EventSource sends it, counts instead where it is the ' +
  'later of the two. Default: from now on. CURSOR_EXPIRED means: load the list again. It comes when the changes ' +
  'after the cursor are no longer kept, when the database went back to a state without its change (a restore, a ' +
  'failover that lost commits), or when the cursor does not open (it was given to another organization, was ' +
  'changed, or its MASTER_KEY is gone). BAD_USER_INPUT when it is not a cursor of this stream and deployment.';

/** How a client uses the cursor of a stream; `list` is the field whose list it loads. */
export const describeStreamCursor = (stream: string, list: string): string =>
  `Where the stream of ${stream} stands, in the snapshot that the operation reads. Ask for it in the same ` +
  `operation as \`${list}\`, or before, then subscribe with it as \`after\`. List and stream then join without a gap: ` +
  'a change in between is seen twice rather than never. Opaque, and good for the caller’s organization only.';

export const STREAM_FILTER =
  'Which changes to stream: those that satisfy every given field. A field that is null restricts nothing. An empty ' +
  'list, or an id of the wrong shape, would wait forever and is an error (BAD_USER_INPUT). An id that does not ' +
  'exist matches nothing.';

/** Returns the cursor after which the stream of this operation begins; null for now. */
export const resumeAfter = (
  feed: Pick<Feed<never, never>, 'later'>,
  after: string | null | undefined,
  context: Context,
): string | null => feed.later(after ?? null, context.lastEventId, callerOf(context).organizationId);

type Given = Readonly<Record<string, string | readonly string[] | null | undefined>>;

/**
 * The given fields, for the feed. Throws BAD_USER_INPUT for a field that can never match. A text is an id, unless its field is
 * one of `texts`.
 */
export function streamFilter<F extends ChangeFilter>(
  organizationId: string,
  filter: Given,
  texts: readonly string[] = [],
): F {
  const given = Object.entries(filter).filter(([, value]) => value != null) as [string, string | readonly string[]][];
  for (const [name, value] of given) {
    if (typeof value === 'string' && !texts.includes(name) && !isId(value)) {
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
