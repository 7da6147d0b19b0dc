/** Asks who is signed in. Until the answer is there, no page is shown; when there is none, it says why. */
import { useEffect, useRef, type ReactNode } from 'react';
import { useQuery } from '../api/use-query.ts';
import { VIEWER, ViewerProvider } from '../api/viewer.tsx';
import { Failure } from '../ui/failure.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

type Props = {
  /** Asks again when it changes; the page stays meanwhile. */
  readonly turn?: number;
  readonly children: ReactNode;
};

const NOTHING = {};

export function SignedIn({ turn = 0, children }: Props) {
  const { data, error, reload } = useQuery(VIEWER, NOTHING);
  const asked = useRef(turn);
  useEffect(() => {
    if (asked.current === turn) return;
    asked.current = turn;
    reload();
  }, [turn, reload]);
  if (data) return <ViewerProvider value={data.viewer}>{children}</ViewerProvider>;
  return <main>{error ? <Failure what="The console" error={error} onRetry={reload} /> : <Skeleton rows={12} />}</main>;
}
