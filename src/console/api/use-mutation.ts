/** One mutation of the API, asked when somebody wants it: never twice at once. */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { useRef, useState } from 'react';
import { ask, useService } from './service.ts';

export type Act<Data, Variables> = {
  /** The answer, with its userErrors; undefined when there was none (then `error` says why), or while the one before runs. */
  readonly run: (variables: Variables) => Promise<Data | undefined>;
  readonly isRunning: boolean;
  /** Why the newest request failed; undefined: it did not. */
  readonly error: unknown;
  /** Forgets the error. */
  readonly reset: () => void;
};

export function useMutation<Data, Variables>(document: TypedDocumentNode<Data, Variables>): Act<Data, Variables> {
  const access = useService();
  const running = useRef(false);
  const [state, setState] = useState<{ isRunning: boolean; error?: unknown }>({ isRunning: false });
  const run = async (variables: Variables): Promise<Data | undefined> => {
    if (running.current) return undefined;
    running.current = true;
    setState({ isRunning: true });
    try {
      const data = await ask(access, document, variables);
      setState({ isRunning: false });
      return data;
    } catch (error) {
      setState({ isRunning: false, error });
      return undefined;
    } finally {
      running.current = false;
    }
  };
  const reset = (): void => setState(({ isRunning }) => ({ isRunning }));
  return { run, isRunning: state.isRunning, error: state.error, reset };
}
