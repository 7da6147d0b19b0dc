/** Open SSE subscriptions: how they end when the client leaves, its key ends, or the server stops. */
import type { ServerResponse } from 'node:http';
import { isAsyncIterable } from 'graphql-yoga';
import { refusedKey } from './authentication.ts';
import { graphqlError, httpError } from './mask-errors.ts';
import type { Metrics } from './metrics.ts';
import { type OpenStream, openStream } from './open-stream.ts';
import type { RequestRecord, ServerPlugin } from './request-record.ts';

export type Streams = {
  /** Ends the response of every open SSE stream, without the `complete` event: clients then connect again. */
  cutAll(): void;
  readonly add: (cut: () => void) => () => void;
};

export function createStreams(): Streams {
  const cuts = new Set<() => void>();
  return {
    cutAll() {
      for (const cut of cuts) cut();
    },
    add(cut) {
      cuts.add(cut);
      return () => cuts.delete(cut);
    },
  };
}

/** A client that reads nothing gets this long to take the last message, and to make any progress at all. */
const LAST_MESSAGE_MS = 500;
const STALLED_MS = 60_000;

const STREAM_TYPES = /(^|[\s,])(text\/(event-stream|\*)|\*\/\*)/i;

type Options = { readonly streams: Streams; readonly metrics: Metrics };

/** Puts an OpenStream between each subscription and its transport. */
export function useStreams({ streams, metrics }: Options): ServerPlugin {
  return {
    onSubscribe({ args, setResultAndStopExecution }) {
      const { record, res, request } = args.contextValue;
      if (res && !STREAM_TYPES.test(request.headers.get('accept') ?? '*/*')) {
        const message = 'A subscription needs Accept: text/event-stream, or a WebSocket with graphql-transport-ws.';
        setResultAndStopExecution({ errors: [httpError(406, message)] } as never);
        return;
      }
      if (res) record.transport = 'sse';
      return {
        onSubscribeResult({ result, setResult }) {
          if (!isAsyncIterable(result)) return;
          const onEnd: (() => void)[] = [() => metrics.streamClosed(record.transport)];
          metrics.streamOpened(record.transport);
          record.stream = openStream(result as never, () => onEnd.forEach((step) => step()));
          setResult(record.stream as never);
          if (res) onEnd.push(...tieToResponse(record.stream, record, res, streams));
        },
      };
    },
  };
}

/** Returns what is to be undone when the stream has ended. */
function tieToResponse(stream: OpenStream, record: RequestRecord, res: ServerResponse, streams: Streams) {
  const refuse = () => {
    record.errorCodes.add('UNAUTHENTICATED');
    stream.end({ errors: [graphqlError(refusedKey())] });
    setTimeout(() => res.destroy(), LAST_MESSAGE_MS).unref();
  };
  if (res.closed) queueMicrotask(() => stream.end()); // From here on, Yoga ends it when the response closes.
  // Yoga turns the socket's timeout off as it starts to write; pings are written often enough for a client that reads.
  res.once('pipe', () => res.setTimeout(STALLED_MS, () => res.destroy()));
  return [streams.add(() => res.end()), record.watchKey?.(refuse) ?? (() => {})];
}
