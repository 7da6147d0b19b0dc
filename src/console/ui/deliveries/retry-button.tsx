/**
 * Retries a delivery from its row in a list.
 * It is seen while the row has the pointer or the focus, which it keeps when pressed.
 */
import { useState } from 'react';
import { useChange } from '../../api/use-change.ts';
import { useMay } from '../../api/viewer.tsx';
import type { DeliveryRowFragment } from '../../generated/graphql.ts';
import { explainError } from '../failure.tsx';
import { nameTarget } from '../targets/target-title.tsx';
import { visibleLine } from '../visible.ts';
import { RETRY } from './changes.ts';

export function RetryButton({ row }: { readonly row: DeliveryRowFragment }) {
  const mayRetry = useMay('DELIVERIES_WRITE');
  const { send, isBusy, userErrors, failure } = useChange(RETRY);
  /** How many attempts there were when a retry was asked for; the attempt that it makes comes on top. */
  const [askedAt, setAskedAt] = useState<number | null>(null);
  const { id, status, attemptCount, event, target } = row;
  if (!mayRetry || (status !== 'FAILED' && status !== 'RETRYING')) return null;
  const isQueued = askedAt === attemptCount;
  const retry = async (): Promise<void> => {
    if (!isQueued && (await send({ input: { id } }))) setAskedAt(attemptCount);
  };
  const [refusal] = [...userErrors.map(({ message }) => message), ...(failure ? [explainError(failure)] : [])];
  const what = visibleLine(`${event.eventType.name} to ${nameTarget(target)}`);
  return (
    <span className="retry" title={refusal === undefined ? undefined : visibleLine(refusal)}>
      <button type="button" aria-disabled={isBusy || isQueued} onClick={() => void retry()}>
        {isQueued ? 'Queued' : refusal === undefined ? 'Retry' : 'Not retried: try again'}
        <span className="hidden">, {what}</span>
      </button>
      <span role="status" className="hidden">
        {isQueued ? `Queued, ${what}` : refusal !== undefined && visibleLine(refusal)}
      </span>
    </span>
  );
}
