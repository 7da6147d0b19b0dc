/** Ends subscribers that leave their changes unread for too long. */
import type { Clock } from '../../clock.ts';
import { RequestError } from '../../errors.ts';
import type { StreamPosition } from '../cursors/cursor.ts';
import type { Cursors } from '../cursors/cursors.ts';
import type { Subscription as AnySubscription } from './subscription.ts';

type Subscription = AnySubscription<any, any>;

export type SlowLimits = {
  /** A subscriber ends when it takes nothing for this long while it is `slowBehindChanges` behind. */
  readonly slowAfterMs: number;
  /** Counted in sequence numbers, so changes of all organizations count. A client this far behind should load its list again. */
  readonly slowBehindChanges: number;
  /** A subscriber ends when it takes nothing for this long, however little waits for it: its transport is stuck. */
  readonly abandonedAfterMs: number;
};

type Patience = {
  /** Judges a subscription. Call it for every subscription, at regular times. */
  judge(subscription: Subscription, end: StreamPosition): 'well' | 'stalled' | 'slow';
};

function createPatience(clock: Clock, limits: SlowLimits): Patience {
  const marks = new WeakMap<Subscription, { takes: number; sinceMs: number }>();

  return {
    judge(subscription, end) {
      const nowMs = clock.monotonicMs();
      const { takes, isIdle } = subscription.progress();
      const mark = marks.get(subscription);
      if (!mark || isIdle || mark.takes !== takes) {
        marks.set(subscription, { takes, sinceMs: nowMs });
        return 'well';
      }
      const stalledMs = nowMs - mark.sinceMs;
      const behind = end.seq - subscription.taken().seq;
      const isFarBehind = stalledMs >= limits.slowAfterMs && behind >= limits.slowBehindChanges;
      return isFarBehind || stalledMs >= limits.abandonedAfterMs ? 'slow' : 'stalled';
    },
  };
}

/** The error SLOW_CONSUMER, with the cursor from which the stream can be resumed. */
const slowConsumer = (cursor: string): RequestError =>
  new RequestError(
    'SLOW_CONSUMER',
    'Nothing was read from this subscription for too long while changes waited. Subscribe again with `after` set to ' +
      'the cursor in extensions, and read continuously.',
    { cursor },
  );

type SlowCheckOptions = {
  readonly subscriptions: ReadonlyMap<Subscription, ((error: RequestError) => void) | undefined>;
  readonly clock: Clock;
  readonly limits: SlowLimits;
  readonly cursors: Cursors;
  readonly end: () => StreamPosition;
};

/**
 * Returns a function that looks at every subscriber once: a stalled subscriber loses its buffer; a slow one ends, with
 * its last cursor.
 */
export function createSlowCheck({ subscriptions, clock, limits, cursors, end }: SlowCheckOptions): () => void {
  const patience = createPatience(clock, limits);
  return () => {
    for (const [subscription, onSlow] of subscriptions) {
      const verdict = patience.judge(subscription, end());
      if (verdict !== 'well') subscription.giveBack();
      if (verdict !== 'slow') continue;
      const error = slowConsumer(cursors.encode(subscription.taken(), subscription.filter.organizationId));
      subscription.fail(error);
      onSlow?.(error);
    }
  };
}
