/** One query of the API, asked when a page needs it and again when its variables change. */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { useCallback, useEffect, useState } from 'react';
import { ask, useService } from './service.ts';

export type Answer<Data> = {
  /** The newest answer; of the variables before, until the answer to the new ones is there. */
  readonly data: Data | undefined;
  /** Why the newest request failed: a WatchError of the service, or the browser's error when it was not reached. */
  readonly error: unknown;
  readonly isLoading: boolean;
  /** Asks again, for example after a mutation. What is shown stays until the new answer comes. */
  readonly reload: () => void;
};

type State<Data> = { readonly data?: Data; readonly error?: unknown; readonly isLoading: boolean };

/** `variables`: null, as long as there is nothing to ask. Those of equal JSON are the same. */
export function useQuery<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables | null,
): Answer<Data> {
  const access = useService();
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<State<Data>>({ isLoading: variables !== null });
  const asked = JSON.stringify(variables);
  useEffect(() => {
    if (asked === 'null') return;
    const abort = new AbortController();
    setState((before) => ({ ...before, isLoading: true }));
    ask(access, document, JSON.parse(asked) as Variables, abort.signal).then(
      (data) => abort.signal.aborted || setState({ data, isLoading: false }),
      (error: unknown) =>
        abort.signal.aborted ||
        setState(({ data }) => ({ ...(data !== undefined && { data }), error, isLoading: false })),
    );
    return () => abort.abort();
  }, [access, document, asked, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  return { data: state.data, error: state.error, isLoading: state.isLoading, reload };
}
