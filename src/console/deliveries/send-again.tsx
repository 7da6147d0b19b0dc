/** From a list of failed deliveries to the replay that sends them again. */
import { Link } from 'wouter';
import type { DeliveryRowFragment } from '../generated/graphql.ts';
import type { MomentRange } from '../ui/filter/time-range.ts';
import { replayHref } from '../ui/replays/replay-href.ts';
import type { DeliveryListFilter } from './filter.ts';

type Props = {
  readonly rows: readonly DeliveryRowFragment[];
  readonly filter: DeliveryListFilter;
  readonly range: MomentRange | null;
};

/** Nothing, where a replay would send others than these: it knows no tag, no single event, and no other status than FAILED. */
export function SendAgain({ rows, filter: { status, targetId, eventType, tag, eventId }, range }: Props) {
  if (rows.length === 0 || status.join() !== 'FAILED' || tag !== '' || eventId !== '') return null;
  // A replay goes by the times of events: that of a delivery which was sent again is older than the delivery.
  const from = rows.map(({ event }) => event.createdAt).reduce((one, other) => (one < other ? one : other));
  return (
    <Link
      className="button"
      href={replayHref({ mode: 'FAILED', targetId, eventTypes: eventType, from, until: range?.lt ?? '' })}
    >
      Send these again
    </Link>
  );
}
