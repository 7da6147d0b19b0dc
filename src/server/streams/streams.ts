/** Open SSE subscriptions: how they end when the client leaves, its key ends, or the server stops. */
import type { ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import { RequestError } from '../../errors.ts';
import type { Tracing } from '../../tracing.ts';
import { acceptedText } from '../plugins/accept.ts';
import { REFUSED_KEY } from '../plugins/authentication.ts';
import { needsKey } from '../intake/strangers.ts';
import { traceOperation } from '../plugins/trace-operations.ts';
import { httpError } from '../http-error.ts';
import { graphqlError } from '../plugins/mask-errors.ts';
import type { Allowance, Full } from '../key-limits.ts';
import type { Metrics } from '../metrics.ts';
import { STOPPING } from './event-stream.ts';
import { OpenStream } from './open-stream.ts';
import type { RequestRecord, ServerPlugin } from '../request-record.ts';
import type { Subscribe, SubscriptionArgs } from './subscribe.ts';

export type Streams = {
  /** Ends every SSE stream, also those that open from now on, so that its client resumes elsewhere (event-stream.ts). */
  stopAll(): void;
  /** Calls `stop` when the server stops. Returns how to forget it. */
  readonly add: (stop: () => void) => () => void;
};

export function createStreams(): Streams {
  const stops = new Set<() => void>();
  let isStopping = false;
  return {
    stopAll() {
      isStopping = true;
      for (const stop of stops) stop();
    },
    add(stop) {
      if (isStopping) queueMicrotask(stop);
      stops.add(stop);
      return () => stops.delete(stop);
    },
  };
}

/** Milliseconds for a client that reads nothing: to take the last message, and to make any progress at all. */
const LAST_MESSAGE_MS = 500;
const STALLED_MS = 60_000;

const STREAM_TYPES = /(^|[ \t,])(text\/(event-stream|\*)|\*\/\*)/i;

type Options = {
  readonly streams: Streams;
  readonly metrics: Metrics;
  readonly subscribe: Subscribe;
  /** How many streams an API key, and an organization, may have open. */
  readonly openStreams: Allowance;
  readonly tracing?: Tracing | undefined;
};

/** Executes subscriptions itself, so later plugins see none of their results. The results are masked already. */
export function useStreams({ streams, metrics, subscribe, openStreams, tracing }: Options): ServerPlugin {
  const open = (args: SubscriptionArgs): Promise<OpenStream | ExecutionResult> =>
    tracing ? traceOperation(tracing, args.contextValue, () => openUntraced(args)) : openUntraced(args);

  const openUntraced = async (args: SubscriptionArgs): Promise<OpenStream | ExecutionResult> => {
    const { record, res } = args.contextValue;
    if (res) record.transport = 'sse';
    if (!record.caller) {
      record.errorCodes.add('UNAUTHENTICATED');
      return { errors: [graphqlError(needsKey('A subscription'))] };
    }
    const taken = openStreams.take(record.caller);
    if (!taken.ok) {
      record.errorCodes.add('RATE_LIMITED');
      return { errors: [graphqlError(tooManyStreams(taken))] };
    }
    const { leave } = taken;
    let untie = (): void => {};
    const onEnd = () => {
      metrics.streamClosed(record.transport);
      leave();
      untie();
      record.onStreamEnd?.();
    };
    const stream = await subscribe(args, onEnd).catch((error: unknown) => {
      leave();
      throw error;
    });
    if (!(stream instanceof OpenStream)) {
      leave();
      return stream;
    }
    metrics.streamOpened(record.transport);
    record.stream = stream;
    record.bodyBytes?.release(); // The stream may last for days.
    if (res) untie = tieToResponse(stream, record, res, streams);
    return stream;
  };
  return {
    onSubscribe({ args, setResultAndStopExecution }) {
      const { res, request } = args.contextValue;
      const accept = res ? (request.headers.get('accept') ?? undefined) : undefined;
      const message =
        'A subscription needs Accept: text/event-stream, or a WebSocket with graphql-transport-ws; ' +
        `${acceptedText(accept)}.`;
      const takesStreams = STREAM_TYPES.test(accept ?? '*/*');
      setResultAndStopExecution((takesStreams ? open(args as never) : { errors: [httpError(406, message)] }) as never);
    },
  };
}

const tooManyStreams = ({ of, limit }: Full): RequestError =>
  new RequestError(
    'RATE_LIMITED',
    `At most ${limit} subscriptions of one ${of} may be open at a time` +
      (of === 'organization'
        ? ' in one process, those of all its API keys together. End one first.'
        : '. End one first.'),
  );

/** Ties a stream to its HTTP response. Call what it returns when the stream has ended. */
function tieToResponse(stream: OpenStream, record: RequestRecord, res: ServerResponse, streams: Streams): () => void {
  const refuse = () => {
    record.errorCodes.add('UNAUTHENTICATED');
    stream.end({ errors: [graphqlError(REFUSED_KEY)] });
    setTimeout(() => res.destroy(), LAST_MESSAGE_MS).unref();
  };
  if (res.closed) queueMicrotask(() => stream.end()); // From here on, Yoga ends the stream when the response closes.
  // Set late: Yoga turns the socket's timeout off when it starts to write. Pings come often enough for a client that reads.
  res.once('pipe', () => res.setTimeout(STALLED_MS, () => res.destroy()));
  const forget = streams.add(() => stream.end(STOPPING));
  const unwatch = record.watchKey?.(refuse);
  return () => {
    forget();
    unwatch?.();
  };
}
