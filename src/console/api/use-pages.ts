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
  /** How many pages the rows came in. */
  readonly count: number;
  readonly hasMore: boolean;
  /** Whether the page after these rows is being read. */
  readonly isReadingMore: boolean;
  readonly error: unknown;
  readonly more: () => void;
  /** Reads all pages again that are shown, for example after a mutation. What is shown stays until they are there. */
  readonly reload: () => void;
};

type State<Row> = {
  readonly rows?: readonly Row[];
  readonly count: number;
  /** Null: there is no page after these. */
  readonly end: string | null;
  readonly error?: unknown;
};

const NOTHING = { count: 0, end: null } as const;

/** `variables`: those beside `after`; of equal JSON they are the same. `pageOf` says where the page is in an answer. */
export function usePages<Data, Variables extends { readonly after?: string | null | undefined }, Row>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Omit<Variables, 'after'>,
  pageOf: (data: Data) => PageOf<Row>,
): Pages<Row> {
  const access = useService();
  const [state, setState] = useState<State<Row>>(NOTHING);
  const [isReadingMore, setReadingMore] = useState(false);
  const running = useRef<AbortController>(undefined);
  /** How many pages the reader wants to see: one that reads again must not take away what was asked for meanwhile. */
  const wanted = useRef(1);
  const asked = JSON.stringify(variables);
  const place = useRef(pageOf);
  place.current = pageOf;

  /** Reads from the end of `start` until as many pages are there as are wanted. The reading before ends. */
  const read = useCallback(
    (start: State<Row>) => {
      running.current?.abort();
      const { signal } = (running.current = new AbortController());
      const readOn = async ({ rows = [], count, end }: State<Row>): Promise<State<Row>> => {
        const given = { ...(JSON.parse(asked) as Variables), after: end };
        const { nodes, pageInfo } = place.current(await ask(access, document, given, signal));
        const next = pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null;
        const now = { rows: [...rows, ...nodes], count: count + 1, end: next };
        return now.count < wanted.current && next !== null ? readOn(now) : now;
      };
      const finish = (change: (before: State<Row>) => State<Row>): void => {
        if (signal.aborted) return;
        running.current = undefined;
        setReadingMore(false);
        setState(change);
      };
      readOn(start).then(
        (now) => finish(() => now),
        (error: unknown) => finish((before) => ({ ...before, error })),
      );
    },
    [access, document, asked],
  );
  useEffect(() => {
    wanted.current = 1;
    setState(NOTHING);
    setReadingMore(false);
    read(NOTHING);
    return () => running.current?.abort();
  }, [read]);
  return {
    rows: state.rows,
    count: state.count,
    hasMore: state.end !== null,
    isReadingMore,
    error: state.error,
    more() {
      wanted.current = state.count + 1;
      setReadingMore(true);
      // All that is shown is being read again: the next page comes with it.
      read(running.current ? NOTHING : state);
    },
    reload: useCallback(() => read(NOTHING), [read]),
  };
}
