/** When an operation has read all it will: its snapshot is let go of, and the connection with it. */
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { isPromise } from 'graphql-yoga';
import type { OperationReads, ServerPlugin } from '../request-record.ts';

type Answer = ExecutionResult | Promise<ExecutionResult>;

/** The answer of `execute`, after which nothing more is read. */
export function readWhile(reads: OperationReads | undefined, execute: () => Answer): Answer {
  if (!reads) return execute();
  let answer: Answer;
  try {
    answer = execute();
  } catch (error) {
    reads.end();
    throw error;
  }
  if (isPromise(answer)) return answer.finally(() => reads.end());
  reads.end();
  return answer;
}

/** For queries and mutations; each result of a subscription has reads of its own: subscribe.ts. */
export function useReads(): ServerPlugin {
  return {
    onExecute({ args: { contextValue }, executeFn, setExecuteFn }) {
      const { reads } = contextValue;
      setExecuteFn((args: ExecutionArgs) => readWhile(reads, () => executeFn(args) as Answer));
    },
  };
}
