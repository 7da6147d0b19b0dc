/** One delivery with its history, current as long as the page is open. */
import type { WatchState } from '@hookcast/client';
import { useWatch } from '@hookcast/client/react';
import { useCallback, useState } from 'react';
import { ask, useService } from '../../api/service.ts';
import { DELIVERY_NOW, ONE_DELIVERY, ONE_DELIVERY_STREAM } from './documents.ts';
import { addChange, startHistory, withFacts, type DeliveryHistory } from './history.ts';

type OneDelivery = {
  /** Undefined until the first answer; null: there is no such delivery. */
  readonly history: DeliveryHistory | null | undefined;
  readonly state: WatchState;
  readonly error: unknown;
  readonly lagMs: number | null;
  /** Asks why it waits once more: that may change without a change of the delivery. */
  readonly lookAgain: () => Promise<void>;
};

export function useHistory(id: string): OneDelivery {
  const access = useService();
  const [history, setHistory] = useState<DeliveryHistory | null>();
  const { result, state, error } = useWatch({
    ...access,
    document: ONE_DELIVERY_STREAM,
    variables: { id },
    async after() {
      const { delivery, deliveryStreamCursor } = await ask(access, ONE_DELIVERY, { id });
      setHistory(delivery && startHistory(delivery));
      return deliveryStreamCursor;
    },
    onResult({ data: { deliveryStatusChanged } }) {
      const { delivery, ...change } = deliveryStatusChanged;
      setHistory((before) => before && addChange(before, change, delivery));
    },
  });
  const lookAgain = useCallback(async () => {
    const { delivery } = await ask(access, DELIVERY_NOW, { id });
    if (delivery) setHistory((before) => before && withFacts(before, delivery));
  }, [access, id]);
  return { history, state, error, lagMs: result?.data.deliveryStatusChanged.lagMs ?? null, lookAgain };
}
