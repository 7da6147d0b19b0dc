import type { WatchState } from '@hookcast/client';
import type { ReactNode } from 'react';
import { Failure } from '../failure.tsx';
import { Skeleton } from '../skeleton.tsx';

type Props = {
  /** What the rows are, as the subject of a sentence: "The targets". */
  readonly what: string;
  readonly state: WatchState;
  readonly error: unknown;
  /** How many rows there may be. */
  readonly rows: number;
  /** Shown where there are none. */
  readonly children: ReactNode;
};

/** In place of the rows of a live list: they cannot be read, are being read, or there are none. */
export function NoRows({ what, state, error, rows, children }: Props) {
  if (error !== undefined && state !== 'reloading') return <Failure what={what} error={error} />;
  return state === 'live' || state === 'behind' || state === 'ended' ? children : <Skeleton rows={rows} />;
}
