/**
 * Why the delivery is not being sent now. The page asks again when its target, the delivery before it, or the time may have changed
 * the reason.
 */
import { useWatch } from '@hookcast/client/react';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { ask, useService } from '../../api/service.ts';
import { useMay } from '../../api/viewer.tsx';
import type { DeliveryFactsFragment } from '../../generated/graphql.ts';
import { Status } from '../../ui/status.tsx';
import { Text } from '../../ui/text/text.tsx';
import { Countdown } from '../../ui/time.tsx';
import { BLOCKER_CURSOR, BLOCKER_STREAM, TARGET_CURSOR, TARGET_STREAM } from './documents.ts';
import { explainWaiting } from './waiting.ts';

type Props = { readonly delivery: DeliveryFactsFragment; readonly lookAgain: () => Promise<void> };

export function WaitingBox({ delivery, lookAgain }: Props) {
  const mayWatchTarget = useMay('TARGETS_READ');
  const [isLooking, setLooking] = useState(false);
  const reason = explainWaiting(delivery, Date.now());
  const until = reason?.until ?? null;
  useEffect(() => {
    if (until === null) return;
    // A timer holds at most 24 days; a second later, the worker has taken it.
    const timer = setTimeout(() => void lookAgain().catch(() => {}), Math.min(leftMs(until) + 1_000, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  }, [until, lookAgain]);
  if (!reason) return null;
  const { target, blockedBy } = delivery;
  const look = (): void => {
    setLooking(true);
    lookAgain()
      .catch(() => {}) // The connection of the page says that the service is not reached.
      .finally(() => setLooking(false));
  };
  return (
    <section className="waiting" aria-labelledby="waiting">
      {mayWatchTarget && <TargetWatch targetId={target.id} onChange={lookAgain} />}
      {blockedBy && <BlockerWatch key={blockedBy.id} id={blockedBy.id} onChange={lookAgain} />}
      <h2 id="waiting">Why is it waiting?</h2>
      <div role="status">
        <p>
          <Text value={reason.why} />
          {until !== null && (
            <>
              {' '}
              It is due <Countdown to={until} />.
            </>
          )}
        </p>
        {blockedBy && (
          <p>
            <Link href={`/deliveries/${blockedBy.id}`}>The delivery that it waits for</Link>{' '}
            <Status status={blockedBy.status} />
          </p>
        )}
        {reason.advice !== null && <p className="soft">{reason.advice}</p>}
      </div>
      <button type="button" disabled={isLooking} onClick={look}>
        Look again
      </button>
    </section>
  );
}

type OnChange = { readonly onChange: () => Promise<void> };

function BlockerWatch({ id, onChange }: OnChange & { readonly id: string }) {
  const access = useService();
  useWatch({
    ...access,
    document: BLOCKER_STREAM,
    variables: { id },
    async after() {
      const { deliveryStreamCursor } = await ask(access, BLOCKER_CURSOR, {});
      await onChange(); // What changed before the stream begins is seen by this.
      return deliveryStreamCursor;
    },
    onResult: () => void onChange().catch(() => {}),
  });
  return null;
}

function TargetWatch({ targetId, onChange }: OnChange & { readonly targetId: string }) {
  const access = useService();
  useWatch({
    ...access,
    document: TARGET_STREAM,
    variables: { targetId },
    async after() {
      const { webhookTargetStreamCursor } = await ask(access, TARGET_CURSOR, {});
      await onChange(); // What changed before the stream begins is seen by this.
      return webhookTargetStreamCursor;
    },
    onResult: () => void onChange().catch(() => {}),
  });
  return null;
}

const leftMs = (until: string): number => Math.max(0, Date.parse(until) - Date.now());
