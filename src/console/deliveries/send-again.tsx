/** From a list of failed deliveries to the replay that sends them again. */
import { Link } from 'wouter';
import type { DeliveryRowFragment } from '../generated/graphql.ts';
import type { MomentRange } from '../ui/filter/time-range.ts';
import { replayHref } from '../ui/replays/replay-href.ts';
import type { DeliveryListFilter } from './filter.ts';

type Props = {
  /** The newest first. */
  readonly rows: readonly DeliveryRowFragment[];
  readonly filter: DeliveryListFilter;
  readonly range: MomentRange | null;
};

/** Nothing, where a replay would send others than these: it knows no tag, no single event, and no other status than FAILED. */
export function SendAgain({ rows, filter: { status, targetId, eventType, tag, eventId }, range }: Props) {
  const oldest = rows.at(-1);
  if (!oldest || status.join() !== 'FAILED' || tag !== '' || eventId !== '') return null;
  const { gte = oldest.createdAt, lt = '' } = range ?? {};
  return (
    <Link
      className="button"
      href={replayHref({ mode: 'FAILED', targetId, eventTypes: eventType, from: gte, until: lt })}
    >
      Send these again
    </Link>
  );
}
