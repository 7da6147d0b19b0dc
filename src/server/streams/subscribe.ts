/**
 * Executes a subscription: opens its source once, then makes a result of every change. graphql-js does both, but what it does
 * in between is replaced: it costs each of thousands of subscribers an execution per change, and keeps several layers of
 * generators alive for each while nothing happens.
 */
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  executeSubscriptionEvent,
  type GraphQLError,
  validateSubscriptionArgs,
} from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import type { FairShare } from '../../fairness/fair-share.ts';
import type { PresentError } from '../plugins/mask-errors.ts';
import { noteEventId } from './event-id.ts';
import { OpenStream } from './open-stream.ts';
import { readWhile } from '../plugins/reads.ts';
import type { OperationContext, RequestRecord } from '../request-record.ts';
import { createSharedAnswers } from './shared-answers.ts';
import { createEventLoopShare } from './event-loop-share.ts';

export type SubscriptionArgs = ExecutionArgs & { readonly contextValue: OperationContext };

/** The open stream, or why there is none. `onEnd` is called once when a stream that was opened has ended. */
export type Subscribe = (args: SubscriptionArgs, onEnd: () => void) => Promise<OpenStream | ExecutionResult>;

/** Results that begin in one turn of the event loop, for all subscribers together. */
const RESULTS_PER_TURN = 64;

type Options = {
  readonly present: PresentError;
  readonly fairShare: Pick<FairShare, 'note' | 'enter'>;
};

/** What an answer takes of the event loop, with its part of the page that its change came with. Measured. */
const ANSWER_MS = 0.2;

export function createSubscribe({ present, fairShare }: Options): Subscribe {
  const turns = createEventLoopShare(RESULTS_PER_TURN);
  const shared = createSharedAnswers();

  const refuse = (errors: readonly GraphQLError[], record: RequestRecord): ExecutionResult => ({
    errors: errors.map((error) => present(error, record)),
  });

  return async (args, onEnd) => {
    const { record } = args.contextValue;
    const opened = await open(args);
    if ('errors' in opened) return refuse(opened.errors, record);
    const { validated, source } = opened;

    const mask = (result: ExecutionResult): ExecutionResult =>
      result.errors ? { ...result, ...refuse(result.errors, record) } : result;
    /** Each result reads one snapshot, which is taken after its change has come. */
    const execute = (rootValue: unknown) => {
      const reads = args.contextValue.reads?.fork();
      const contextValue = { ...args.contextValue, reads };
      const result = readWhile(reads, () => executeSubscriptionEvent({ ...validated, rootValue, contextValue }));
      return result instanceof Promise ? result.then(mask) : mask(result);
    };
    const organizationId = record.caller?.organizationId ?? '';
    const turn = (): Promise<void> | undefined => {
      if (record.caller?.isPlatformAdmin) return turns.take(organizationId);
      fairShare.note(organizationId, ANSWER_MS);
      const share = fairShare.enter(organizationId);
      return share ? share.then(() => turns.take(organizationId)) : turns.take(organizationId);
    };
    const question = shared.questionOf(args, record.caller?.apiKeyId);
    return new OpenStream({
      source: source[Symbol.asyncIterator]() as AsyncIterator<unknown, unknown, undefined>,
      turn,
      answer(change) {
        const result = shared.answer(change, question, () => execute(change));
        const finish = (each: ExecutionResult) => {
          noteEventId(each, change);
          return complete(each, record);
        };
        return result instanceof Promise ? result.then(finish) : finish(result);
      },
      present: (error) => present(error, record),
      onEnd,
    });
  };
}

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
