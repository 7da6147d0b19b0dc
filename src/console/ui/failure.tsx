/** In place of what could not be read: what happened, in words, and how to try again. */
import { WatchError } from '@hookcast/client';
import { createContext, use } from 'react';
import { Notice } from './notice.tsx';
import { visibleLines } from './visible.ts';

type Props = {
  readonly what: string;
  readonly error: unknown;
  /** What happened, where the error itself does not say it. */
  readonly words?: string;
  /** Default: the page begins anew. */
  readonly onRetry?: () => void;
  readonly retryLabel?: string;
};

/** Begins the page anew: for what has no other way to be tried again, such as a stream that has ended. */
export const StartAgain = createContext<() => void>(() => location.reload());

export function Failure({ what, error, words, onRetry, retryLabel = 'Try again' }: Props) {
  const startAgain = use(StartAgain);
  return (
    <Notice title={`${what} cannot be shown`} isAlert>
      {words ?? explainError(error)}{' '}
      <button type="button" onClick={onRetry ?? startAgain}>
        {retryLabel}
      </button>
    </Notice>
  );
}

/** What the service said, or that it said nothing. */
export function explainError(error: unknown): string {
  if (!(error instanceof WatchError)) return 'The service cannot be reached. Check the connection.';
  if (error.code === 'FORBIDDEN') return `This is not allowed to you. ${visibleLines(error.message)}`;
  return visibleLines(error.message);
}
