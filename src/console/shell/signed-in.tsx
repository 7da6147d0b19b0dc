/** Asks who is signed in. Until the answer is there, no page is shown; when there is none, it says why. */
import type { ReactNode } from 'react';
import { useQuery } from '../api/use-query.ts';
import { VIEWER, ViewerProvider } from '../api/viewer.tsx';
import { Failure } from '../ui/failure.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

const NOTHING = {};

export function SignedIn({ children }: { readonly children: ReactNode }) {
  const { data, error, reload } = useQuery(VIEWER, NOTHING);
  if (data) return <ViewerProvider value={data.viewer}>{children}</ViewerProvider>;
  return <main>{error ? <Failure what="The console" error={error} onRetry={reload} /> : <Skeleton rows={12} />}</main>;
}
