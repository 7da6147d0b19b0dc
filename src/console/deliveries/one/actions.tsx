/** What somebody may do with a delivery: retry, cancel, redeliver. What the service would refuse is not offered. */
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useChange } from '../../api/use-change.ts';
import { useMay } from '../../api/viewer.tsx';
import type { DeliveryFactsFragment } from '../../generated/graphql.ts';
import { Confirm } from '../../ui/forms/confirm.tsx';
import { explainError } from '../../ui/failure.tsx';
import { Errors } from '../../ui/forms/field.tsx';
import { REDELIVER, RETRY } from '../../ui/deliveries/changes.ts';
import { isOpen } from '../../ui/deliveries/delivery-cells.tsx';
import { CANCEL } from './documents.ts';
import { keepsItsPlace } from './holding-box.tsx';

export function DeliveryActions({ delivery }: { readonly delivery: DeliveryFactsFragment }) {
  const mayWrite = useMay('DELIVERIES_WRITE');
  const [, navigate] = useLocation();
  const [retry, cancel, redeliver] = [useChange(RETRY), useChange(CANCEL), useChange(REDELIVER)];
  const [newest, setNewest] = useState<'retry' | 'redeliver'>('retry');
  const [isAsking, setAsking] = useState(false);
  const [done, setDone] = useState('');
  const { id, status, event, target } = delivery;
  if (!mayWrite) return null;

  const isBusy = retry.isBusy || cancel.isBusy || redeliver.isBusy;
  const begin = (what: typeof newest): void => {
    setNewest(what);
    setDone('');
  };
  const retryNow = async (): Promise<void> => {
    begin('retry');
    if (await retry.send({ input: { id } })) setDone('A retry is queued.');
  };
  const sendAgain = async (): Promise<void> => {
    begin('redeliver');
    const payload = await redeliver.send({ input: { eventId: event.id, targetId: target.id } });
    if (payload?.delivery) navigate(`/deliveries/${payload.delivery.id}`);
  };
  const stopAsking = (): void => {
    cancel.reset();
    setAsking(false);
  };
  const giveUp = async (): Promise<void> => {
    if (!(await cancel.send({ input: { id } }))) return;
    setAsking(false);
    setDone('Cancelled.');
  };
  const { userErrors, failure } = { retry, redeliver }[newest];

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
      {(isOpen(delivery) || keepsItsPlace(delivery)) && (
        <button type="button" disabled={isBusy} onClick={() => setAsking(true)}>
          Cancel delivery
        </button>
      )}
      {isAsking && (
        <Confirm
          title="Cancel this delivery?"
          action="Cancel delivery"
          change={cancel}
          onClose={stopAsking}
          onConfirm={() => void giveUp()}
        >
          <p>
            No further attempt starts. One that is under way ends and is recorded. The event can be redelivered later.
          </p>
          {target.ordering !== 'NONE' && <p>The next delivery that waits for this one goes out then.</p>}
        </Confirm>
      )}
      <span role="status">{done}</span>
      <Errors messages={[...userErrors.map(({ message }) => message), ...(failure ? [explainError(failure)] : [])]} />
    </div>
  );
}
