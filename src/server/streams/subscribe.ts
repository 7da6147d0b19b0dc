/**
 * Executes a subscription: opens its source once, then makes a result of every change. graphql-js does both, but what it does
 * in between is replaced: it costs each of thousands of subscribers an execution per change, one after the other, and keeps
 * several layers of generators alive for each while nothing happens.
 */
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type ValidatedSubscriptionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import type { Clock } from '../../clock.ts';
import type { FairShare } from '../../fairness/fair-share.ts';
import type { ChangeStream } from '../../live/feed.ts';
import type { PresentError } from '../plugins/mask-errors.ts';
import { readWhile } from '../plugins/reads.ts';
import type { OperationContext, RequestRecord } from '../request-record.ts';
import { noteEventId } from './event-id.ts';
import { createEventLoopShare } from './event-loop-share.ts';
import { executePage } from './execute-page.ts';
import { LookAhead } from './look-ahead.ts';
import { OpenStream } from './open-stream.ts';
import { createSentFields } from './sent-fields.ts';
import { createSharedAnswers } from './shared-answers.ts';
import { createWideStreams } from './wide-streams.ts';

export type SubscriptionArgs = ExecutionArgs & { readonly contextValue: OperationContext };

/** The open stream, or why there is none. `onEnd` is called once when a stream that was opened has ended. */
export type Subscribe = (args: SubscriptionArgs, onEnd: () => void) => Promise<OpenStream | ExecutionResult>;

/** Streams that may look far ahead at a time: 8 MB of answers, as LookAhead counts them. */
const WIDE_STREAMS = 32;

/** What an answer takes of the event loop, with its part of the page that it was made with. Measured. */
const ANSWER_MS = 0.1;

type Options = {
  readonly present: PresentError;
  readonly fairShare: Pick<FairShare, 'note' | 'enter'>;
  /** Default: none. */
  readonly deliveryStrain?: () => number;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
};

export function createSubscribe({ present, fairShare, deliveryStrain = () => 0, clock }: Options): Subscribe {
  const turns = createEventLoopShare(clock.monotonicMs, deliveryStrain);
  const shared = createSharedAnswers();
  const wide = createWideStreams(WIDE_STREAMS, clock.monotonicMs);
  const masked = new WeakMap<ExecutionResult, ExecutionResult>();

  const refuse = (errors: readonly GraphQLError[], record: RequestRecord): ExecutionResult => ({
    errors: errors.map((error) => present(error, record)),
  });

  /** The result as clients may see it. Those who share a result share what it becomes. */
  const mask = (result: ExecutionResult, record: RequestRecord): ExecutionResult => {
    if (!result.errors) return result;
    let known = masked.get(result);
    if (!known) masked.set(result, (known = { ...result, ...refuse(result.errors, record) }));
    return known;
  };

  return async (args, onEnd) => {
    const { record } = args.contextValue;
    const opened = await open(args);
    if ('errors' in opened) return refuse(opened.errors, record);
    const { validated, source } = opened;

    const known = knownOf(source);
    const organizationId = record.caller?.organizationId ?? '';
    let changes = 0;
    const setSentFields = createSentFields(validated);
    const lookAhead = new LookAhead({
      upcoming: known.upcoming,
      shared,
      question: shared.questionOf(args, record.caller),
      answerAll: (changes) => readTogether(validated, args.contextValue, changes),
      spend: turns.prepare,
      wide,
    });
    return new OpenStream({
      source: source[Symbol.asyncIterator]() as AsyncIterator<unknown, unknown, undefined>,
      inTurn(work) {
        if (record.caller?.isPlatformAdmin) return turns.run(organizationId, work);
        fairShare.note(organizationId, ANSWER_MS);
        const share = fairShare.enter(organizationId);
        return share ? share.then(() => turns.run(organizationId, work)) : turns.run(organizationId, work);
      },
      answer(change) {
        const result = lookAhead.answer(change);
        const finish = (each: ExecutionResult) => {
          const presented = mask(each, record);
          const shown = setSentFields ? setSentFields(presented, change, clock.now()) : presented;
          changes++;
          noteEventId(shown, change);
          return complete(shown, record);
        };
        return result instanceof Promise ? result.then(finish) : finish(result);
      },
      present: (error) => present(error, record),
      onEnd() {
        wide.leave(lookAhead);
        const { nowMs, worstMs } = known.lag();
        record.streamed = { changes, lagMs: nowMs, worstLagMs: worstMs };
        onEnd();
      },
    });
  };
}

/** Answers changes from one snapshot, which is taken after they have come. */
function readTogether(validated: ValidatedSubscriptionArgs, context: OperationContext, changes: readonly unknown[]) {
  const reads = context.reads?.fork();
  return readWhile(reads, () => executePage({ ...validated, contextValue: { ...context, reads } }, changes));
}

/** What a source knows (live/subscribers/subscription.ts). */
type Known = Pick<ChangeStream<any>, 'upcoming' | 'lag'>;

const NOTHING_KNOWN: Known = { upcoming: () => [], lag: () => ({ nowMs: null, worstMs: 0 }) };

const knownOf = (source: object): Known => ('upcoming' in source ? (source as Known) : NOTHING_KNOWN);

/** Opens the source, or says why there is none. In both cases the operation then reads nothing more. */
async function open(args: SubscriptionArgs) {
  try {
    const validated = validateSubscriptionArgs(args);
    if (!('schema' in validated)) return { errors: validated };
    const source = await createSourceEventStream(validated);
    return isAsyncIterable(source) ? { validated, source } : { errors: (source as ExecutionResult).errors! };
  } finally {
    args.contextValue.reads?.end();
  }
}

/**
 * Ends the stream when the data of a result is null. Such a result shows nothing of its change, not even the cursor, so going
 * on would skip the change. The stream ends with the error instead, and its client resumes before the change.
 */
function complete(result: ExecutionResult, { errorCodes }: RequestRecord): ExecutionResult {
  for (const { extensions } of result.errors ?? []) errorCodes.add(String(extensions['code']));
  if (result.errors && result.data == null) throw result.errors[0]!;
  return result;
}
