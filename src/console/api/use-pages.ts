/** A list that is read page by page, further when the reader asks for more. */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { useCallback, useEffect, useRef, useState } from 'react';
import { ask, useService } from './service.ts';

export type PageOf<Row> = {
  readonly nodes: readonly Row[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null };
};

export type Pages<Row> = {
  /** Undefined, until the first page is there. */
  readonly rows: readonly Row[] | undefined;
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly error: unknown;
  readonly more: () => void;
  /** Reads the first page again, for example after a mutation. What is shown stays until it is there. */
  readonly reload: () => void;
};

type State<Row> = { readonly rows?: readonly Row[]; readonly end: string | null; readonly error?: unknown };

const FIRST = { end: null } as const;

/** `variables`: those beside `after`; of equal JSON they are the same. `pageOf` says where the page is in an answer. */
export function usePages<Data, Variables extends { readonly after?: string | null }, Row>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Omit<Variables, 'after'>,
  pageOf: (data: Data) => PageOf<Row>,
): Pages<Row> {
  const access = useService();
  const [state, setState] = useState<State<Row>>(FIRST);
  const [isLoading, setLoading] = useState(true);
  const running = useRef<AbortController>(undefined);
  const asked = JSON.stringify(variables);
  const place = useRef(pageOf);
  place.current = pageOf;

  const read = useCallback(
    (after: string | null) => {
      running.current?.abort();
      const { signal } = (running.current = new AbortController());
      setLoading(true);
      const given = { ...(JSON.parse(asked) as Variables), after };
      const end = (next: (before: State<Row>) => State<Row>): void => {
        if (signal.aborted) return;
        setState(next);
        setLoading(false);
      };
      ask(access, document, given, signal).then(
        (data) => {
          const { nodes, pageInfo } = place.current(data);
          const next = pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null;
          end(({ rows = [] }) => ({ rows: after === null ? nodes : [...rows, ...nodes], end: next }));
        },
        (error: unknown) => end((before) => ({ ...before, error })),
      );
    },
    [access, document, asked],
  );
  useEffect(() => {
    setState(FIRST);
    read(null);
    return () => running.current?.abort();
  }, [read]);
  return {
    rows: state.rows,
    hasMore: state.end !== null,
    isLoading,
    error: state.error,
    more: () => read(state.end),
    reload: useCallback(() => read(null), [read]),
  };
}
