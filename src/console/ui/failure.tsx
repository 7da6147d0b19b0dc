/** In place of what could not be read: what happened, in words, and how to try again. */
import { WatchError } from '@hookcast/client';
import { Notice } from './notice.tsx';
import { visibleLines } from './visible.ts';

type Props = {
  readonly what: string;
  readonly error: unknown;
  /** What happened, where the error itself does not say it. */
  readonly words?: string;
  readonly onRetry?: () => void;
  readonly retryLabel?: string;
};

export const Failure = ({ what, error, words, onRetry, retryLabel = 'Try again' }: Props) => (
  <Notice title={`${what} cannot be shown`} isAlert>
    {words ?? explainError(error)}
    {onRetry && (
      <>
        {' '}
        <button type="button" onClick={onRetry}>
          {retryLabel}
        </button>
      </>
    )}
  </Notice>
);

/** What the service said, or that it said nothing. */
export function explainError(error: unknown): string {
  if (!(error instanceof WatchError)) return 'The service cannot be reached. Check the connection.';
  if (error.code === 'FORBIDDEN') return `This is not allowed to you. ${visibleLines(error.message)}`;
  return visibleLines(error.message);
}
