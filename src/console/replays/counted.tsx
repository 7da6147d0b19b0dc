/** What a replay would send, and the button that begins it. It scrolls into view: it is below the form that asked for it. */
import { useEffect, useRef } from 'react';
import type { PreviewReplayQuery } from '../generated/graphql.ts';
import { plural } from '../ui/figures/format.ts';
import { Time } from '../ui/time.tsx';

export type Preview = PreviewReplayQuery['replayPreview'];

type Props = {
  readonly preview: Preview;
  readonly isBusy: boolean;
  readonly onBegin: (count: number) => void;
};

export function Counted(props: Props) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => void place.current?.scrollIntoView({ block: 'nearest' }), []); // Some browsers answer a promise.
  return (
    <div ref={place}>
      <Words {...props} />
    </div>
  );
}

function Words({ preview: { count, estimate, oldestAt, newestAt }, isBusy, onBegin }: Props) {
  const found = count ?? estimate;
  if (found === null) return <p>It could not be counted in time. Take a shorter span of time, or one target.</p>;
  if (found === 0) return <p>There is nothing to send: no event of this span of time is like that.</p>;
  return (
    <div className="callout">
      <p>
        <strong>
          {count === null ? 'About ' : ''}
          {plural(found, 'delivery', 'deliveries')}
        </strong>
        {oldestAt !== null && newestAt !== null && (
          <>
            , published from <Time at={oldestAt} /> to <Time at={newestAt} />
          </>
        )}
      </p>
      <button type="button" className="primary" disabled={isBusy} onClick={() => onBegin(found)}>
        Start the replay
      </button>
    </div>
  );
}
