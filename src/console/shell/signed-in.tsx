/** Asks who is signed in. Until the answer is there, no page is shown; when there is none, it says why. */
import { useEffect, useRef, type ReactNode } from 'react';
import { useQuery } from '../api/use-query.ts';
import { VIEWER, ViewerProvider } from '../api/viewer.tsx';
import { Failure } from '../ui/failure.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

type Props = {
  /** Asks again when it changes; the page stays meanwhile. */
  readonly turn?: number;
  /** Beside asking again, when there is no answer: ways out. */
  readonly ways?: ReactNode;
  readonly children: ReactNode;
};

const NOTHING = {};

export function SignedIn({ turn = 0, ways, children }: Props) {
  const { data, error, reload } = useQuery(VIEWER, NOTHING);
  const asked = useRef(turn);
  useEffect(() => {
    if (asked.current === turn) return;
    asked.current = turn;
    reload();
  }, [turn, reload]);
  if (data) return <ViewerProvider value={data.viewer}>{children}</ViewerProvider>;
  if (!error)
    return (
      <main>
        <Skeleton rows={12} />
      </main>
    );
  return (
    <main>
      <h1>Webhooks</h1>
      <Failure what="This page" error={error} onRetry={reload} />
      {ways && <div className="actions">{ways}</div>}
    </main>
  );
}
