/** In place of what could not be read: what happened, in words, and how to try again. */
import { WatchError } from '@hookcast/client';
import { Notice } from './notice.tsx';

type Props = { readonly what: string; readonly error: unknown; readonly onRetry?: () => void };

export const Failure = ({ what, error, onRetry }: Props) => (
  <Notice title={`${what} cannot be shown`} isAlert>
    {explainError(error)}
    {onRetry && (
      <>
        {' '}
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      </>
    )}
  </Notice>
);

/** What the service said, or that it said nothing. */
export function explainError(error: unknown): string {
  if (!(error instanceof WatchError)) return 'The service cannot be reached. Check the connection.';
  if (error.code === 'FORBIDDEN') return `This is not allowed to you. ${error.message}`;
  return error.message;
}
