/**
 * Results as server-sent events (HTML standard, 9.2), in the shape of the GraphQL over SSE protocol, one connection for each
 * operation:
 *
 *     retry                   once: after how many milliseconds an EventSource comes back
 *     event: next, data, id   a result. `id` is the cursor of its change: clients send it back as Last-Event-ID
 *     :                       a ping, so that no proxy takes the connection for idle
 *     event: complete         the operation is over
 *
 * The status is 200, whatever the result: clients that read events only never see what comes with another status, and an
 * EventSource gives up. A server that stops ends the stream with SERVICE_UNAVAILABLE and without `complete`: such a stream is not
 * over, and its client resumes on another process.
 *
 * `id` comes after `data`, because clients written after the documents of release 0.1.0 expect `data` right behind `event`.
 */
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionResult } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import type { Clock } from '../../clock.ts';
import { RequestError } from '../../errors.ts';
import { answerTypeOf, EVENTS } from '../plugins/accept.ts';
import { graphqlError } from '../plugins/mask-errors.ts';
import type { ServerPlugin } from '../request-record.ts';
import { answerText } from './answer-text.ts';
import { eventIdOf } from './event-id.ts';
import { formatError } from './format-error.ts';

/** The last result of a stream that ends because the server stops. */
export const STOPPING: ExecutionResult = {
  errors: [
    graphqlError(
      new RequestError(
        'SERVICE_UNAVAILABLE',
        'The server is stopping. Connect again, and resume after the last cursor.',
      ),
    ),
  ],
};

/**
 * Between the last event and the end of a connection without `complete`. graphql-sse (2.6) waits forever when it reads both at
 * once: it has to handle the event before it sees the end.
 */
const ENDING_MS = 100;

const HEADERS = {
  'Content-Type': EVENTS,
  // A proxy that compresses a stream keeps its events back.
  'Cache-Control': 'no-store, no-transform',
  // nginx would collect events until 4 or 8 KB are there.
  'X-Accel-Buffering': 'no',
};

const PING = ':\n\n';
const COMPLETE = 'event: complete\ndata:\n\n';

export type EventTiming = {
  /** How often a client hears something. Proxies give up on a connection that is idle for 60 seconds, some after 30. */
  readonly pingMs: number;
  /** The shortest time after which an EventSource comes back; the longest is three times as long. */
  readonly retryMs: number;
};

type Options = { readonly timing: EventTiming; readonly clock: Pick<Clock, 'random'> };

/** Answers with events where the client takes nothing else, and wherever the result is a stream. */
export function useEventStream({ timing, clock }: Options): ServerPlugin {
  return {
    onResultProcess({ result, serverContext, setResultProcessor }) {
      if (!isAsyncIterable(result) && answerTypeOf(serverContext.req.headers.accept) !== EVENTS) return;
      setResultProcessor((results, { Response }) => {
        // The clients of a process that stops would otherwise come back in the same moment.
        const retryMs = Math.round(timing.retryMs * (1 + 2 * clock.random()));
        const iterable = isAsyncIterable(results) ? results : once(results as ExecutionResult);
        const events = createEvents(iterable[Symbol.asyncIterator](), { pingMs: timing.pingMs, retryMs });
        return new Response(events as unknown as BodyInit, { status: 200, headers: HEADERS });
      }, EVENTS);
    },
  };
}

async function* once(result: ExecutionResult): AsyncGenerator<ExecutionResult> {
  yield result;
}

/** The text of the stream. A result is pulled only when there is room for it. */
function createEvents(results: AsyncIterator<ExecutionResult>, { pingMs, retryMs }: EventTiming): Readable {
  let isPulling = false;
  let pings: NodeJS.Timeout | undefined;

  const end = (last: string | null): void => {
    clearInterval(pings);
    if (events.destroyed) return;
    if (last !== null) events.push(last);
    events.push(null);
  };
  const pull = async (): Promise<void> => {
    const { done, value } = await results.next();
    if (done) return end(COMPLETE);
    events.push(eventOf(value));
    if (value !== STOPPING) return;
    await delay(ENDING_MS);
    end(null);
  };

  const events = new Readable({
    read() {
      // Not before: nobody reads, nor destroys, what is made for a client that has left.
      pings ??= setInterval(() => events.readableLength === 0 && events.push(PING), pingMs);
      if (isPulling) return; // A ping was pushed while the next result is waited for.
      isPulling = true;
      pull().then(
        () => (isPulling = false),
        (error: Error) => events.destroy(error),
      );
    },
    destroy(error, callback) {
      clearInterval(pings);
      Promise.resolve(results.return?.()).then(() => callback(error), callback);
    },
  });
  events.push(`retry: ${retryMs}\n\n`);
  return events;
}

function eventOf(result: ExecutionResult): string {
  const id = eventIdOf(result);
  return `event: next\ndata: ${dataOf(result)}\n${id === undefined ? '' : `id: ${id}\n`}\n`;
}

function dataOf(result: ExecutionResult): string {
  if (!result.errors && !result.extensions) return answerText(result);
  const { errors, extensions = {}, ...rest } = result as ExecutionResult<unknown, Record<string, unknown>>;
  const { http: _, ...visible } = extensions;
  return JSON.stringify({
    ...rest,
    ...(errors && { errors: errors.map(formatError) }),
    ...(Object.keys(visible).length > 0 && { extensions: visible }),
  });
}
