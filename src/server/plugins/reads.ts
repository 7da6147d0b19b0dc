/** Lets go of the snapshot of an operation, and of its connection, when the operation has read everything. */
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { isPromise } from 'graphql-yoga';
import { executeInTurn } from '../share.ts';
import type { OperationReads, ServerPlugin } from '../request-record.ts';

/** Runs `execute`. When its answer is there, nothing more is read. */
export function readWhile<Answer>(
  reads: OperationReads | undefined,
  execute: () => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  if (!reads) return execute();
  let answer: Answer | Promise<Answer>;
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

/** For queries and mutations. Each result of a subscription has its own reads (subscribe.ts). */
export function useReads(): ServerPlugin {
  return {
    onExecute({ args: { contextValue }, executeFn, setExecuteFn }) {
      const { reads, record } = contextValue;
      setExecuteFn((args: ExecutionArgs) =>
        readWhile(reads, () =>
          executeInTurn(record, () => executeFn(args) as ExecutionResult | Promise<ExecutionResult>),
        ),
      );
    },
  };
}
