/** What somebody may do with a delivery: retry, cancel, redeliver. What the service would refuse is not offered. */
import { useState } from 'react';
import { useLocation } from 'wouter';
import { explainError } from '../../ui/failure.tsx';
import { useMutation } from '../../api/use-mutation.ts';
import type { UserErrors } from '../../api/user-errors.ts';
import { useMay } from '../../api/viewer.tsx';
import type { DeliveryFactsFragment } from '../../generated/graphql.ts';
import { Errors } from '../../ui/field.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { isOpen } from '../delivery-cells.tsx';
import { CANCEL, REDELIVER, RETRY } from './documents.ts';

type Payload = { readonly userErrors: UserErrors; readonly delivery: { readonly id: string } | null };

export function DeliveryActions({ delivery }: { readonly delivery: DeliveryFactsFragment }) {
  const mayWrite = useMay('DELIVERIES_WRITE');
  const [, navigate] = useLocation();
  const [retry, cancel, redeliver] = [useMutation(RETRY), useMutation(CANCEL), useMutation(REDELIVER)];
  const [newest, setNewest] = useState<'retry' | 'cancel' | 'redeliver' | null>(null);
  const [isAsking, setAsking] = useState(false);
  const [done, setDone] = useState<{ readonly text: string; readonly problems: readonly string[] } | null>(null);
  const { id, status, event, target } = delivery;
  if (!mayWrite) return null;

  const all = { retry, cancel, redeliver };
  const isBusy = Object.values(all).some(({ isRunning }) => isRunning);
  const failure = newest && all[newest].error;
  /** The delivery that the service answered with. */
  const take = (payload: Payload | undefined, text: string): string | undefined => {
    const problems = payload?.userErrors.map(({ message }) => message) ?? [];
    setDone(payload ? { text: problems.length === 0 ? text : '', problems } : null);
    return payload?.delivery?.id;
  };
  const retryNow = async (): Promise<void> => {
    setNewest('retry');
    take((await retry.run({ input: { id } }))?.retryDelivery, 'A retry is queued.');
  };
  const giveUp = async (): Promise<void> => {
    setNewest('cancel');
    take((await cancel.run({ input: { id } }))?.cancelDelivery, 'Cancelled.');
  };
  const sendAgain = async (): Promise<void> => {
    setNewest('redeliver');
    const answer = await redeliver.run({ input: { eventId: event.id, targetId: target.id } });
    const newId = take(answer?.redeliver, 'Sent once more.');
    if (newId !== undefined) navigate(`/deliveries/${newId}`);
  };
  const problems = [...(done?.problems ?? []), ...(failure ? [explainError(failure)] : [])];

  const canRetry = status === 'FAILED' || status === 'RETRYING';
  const canRedeliver = event.erasedAt === null && target.deletedAt === null;
  return (
    <div className="actions">
      {canRetry && (
        <button
          type="button"
          className="primary"
          disabled={isBusy || event.erasedAt !== null}
          onClick={() => void retryNow()}
        >
          Retry now
        </button>
      )}
      {canRedeliver && !isOpen(delivery) && (
        <button
          type="button"
          disabled={isBusy}
          title="A new delivery of the same event to the same target, with a schedule of its own"
          onClick={() => void sendAgain()}
        >
          Redeliver
        </button>
      )}
      {isOpen(delivery) && (
        <button type="button" disabled={isBusy} onClick={() => setAsking(true)}>
          Cancel delivery
        </button>
      )}
      {isAsking && (
        <Confirm
          title="Cancel this delivery?"
          action="Cancel delivery"
          onClose={() => setAsking(false)}
          onConfirm={() => void giveUp()}
        >
          No further attempt starts. One that is under way ends and is recorded. The event can be redelivered later.
        </Confirm>
      )}
      <span role="status">{done?.text}</span>
      <Errors messages={problems} />
    </div>
  );
}
