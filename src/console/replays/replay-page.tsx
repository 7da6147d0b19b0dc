/** One replay, as it moves on. */
import { useWatch } from '@hookcast/client/react';
import { useState } from 'react';
import { Link, useParams } from 'wouter';
import { ask, useService } from '../api/service.ts';
import { useChange } from '../api/use-change.ts';
import { useMay } from '../api/viewer.tsx';
import type { ReplayRowFragment } from '../generated/graphql.ts';
import { TargetTitle } from '../ui/targets/target-title.tsx';
import { Confirm } from '../ui/forms/confirm.tsx';
import { Connection } from '../ui/connection.tsx';
import { Failure } from '../ui/failure.tsx';
import { formatCount } from '../ui/figures/format.ts';
import { Back, Fact, Facts } from '../ui/tables/facts.tsx';
import { Id } from '../ui/text/id.tsx';
import { Text } from '../ui/text/text.tsx';
import { Notice } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Time } from '../ui/time.tsx';
import { CANCEL_REPLAY, REPLAY, REPLAY_CHANGES } from './documents.ts';
import { goesOn, MODES } from './progress.ts';
import { ReplayProgress, ReplayStatus } from './replay-status.tsx';
import './replays.css';

export function ReplayPage() {
  const { id = '' } = useParams();
  const access = useService();
  /** Undefined: not read yet. */
  const [replay, setReplay] = useState<ReplayRowFragment | null>();
  const { state, error } = useWatch({
    ...access,
    document: REPLAY_CHANGES,
    variables: { filter: { replayId: id } },
    after: async () => {
      const data = await ask(access, REPLAY, { id });
      setReplay(data.replay);
      return data.replayStreamCursor;
    },
    onResult: ({ data }) => setReplay(data.replayProgressed.replay),
  });
  if (replay === null) {
    return (
      <Notice title="There is no such replay">
        Replays are kept for some weeks after their end. <Link href="/replays">All replays</Link>
      </Notice>
    );
  }
  if (!replay) return error ? <Failure what="The replay" error={error} /> : <Skeleton rows={6} />;
  return (
    <>
      <Back to="/replays" name="Replays" />
      <div className="page-head">
        <h1>Replay: {MODES[replay.mode][0].toLowerCase()}</h1>
        <ReplayStatus status={replay.status} />
        <Connection state={state} error={error} />
        {goesOn(replay) && <Cancel id={id} />}
      </div>
      {replay.reason !== null && (
        <p className="callout" data-state="bad">
          <Text value={replay.reason} />
        </p>
      )}
      <ReplayProgress replay={replay} />
      <ReplayFacts replay={replay} />
    </>
  );
}

const ReplayFacts = ({ replay }: { readonly replay: ReplayRowFragment }) => (
  <Facts>
    <Fact name="Sent again">{formatCount(replay.replayedCount)}</Fact>
    <Fact name="Left alone">
      {formatCount(replay.skippedCount)}
      <small>under way, changed meanwhile, or failed at a target that is not active</small>
    </Fact>
    <Fact name="What">{MODES[replay.mode][1]}</Fact>
    <Fact name="Target">
      {replay.target ? (
        <Link href={`/targets/${replay.target.id}`}>
          <TargetTitle name={replay.target.name} url={replay.target.url} />
        </Link>
      ) : (
        'Every target'
      )}
    </Fact>
    <Fact name="Published">
      <span>
        <Time at={replay.from} /> to <Time at={replay.until} />
      </span>
      {replay.position !== null && (
        <small>
          done up to <Time at={replay.position} />
        </small>
      )}
    </Fact>
    {replay.eventTypes.length > 0 && (
      <Fact name="Event types">
        {replay.eventTypes.map((name) => (
          <code key={name} className="tag">
            <Text value={name} />
          </code>
        ))}
      </Fact>
    )}
    {replay.customerId !== null && (
      <Fact name="Customer">
        <Text value={replay.customerId} />
      </Fact>
    )}
    <Fact name="Rate">at most {formatCount(replay.ratePerSecond)} in a second</Fact>
    <Fact name="Begun">
      <Time at={replay.createdAt} />
    </Fact>
    {replay.endedAt !== null && (
      <Fact name="Ended">
        <Time at={replay.endedAt} />
      </Fact>
    )}
    <Fact name="Id">
      <Id id={replay.id} />
    </Fact>
  </Facts>
);

function Cancel({ id }: { readonly id: string }) {
  const [isAsking, setAsking] = useState(false);
  const change = useChange(CANCEL_REPLAY);
  if (!useMay('DELIVERIES_WRITE')) return null;
  const close = (): void => {
    change.reset();
    setAsking(false);
  };
  const cancel = async (): Promise<void> => {
    if (await change.send({ input: { id } })) close();
  };
  return (
    <>
      <button type="button" className="danger" onClick={() => setAsking(true)}>
        Cancel
      </button>
      {isAsking && (
        <Confirm
          title="Cancel the replay?"
          action="Cancel the replay"
          keep="Let it go on"
          change={change}
          onConfirm={() => void cancel()}
          onClose={close}
        >
          <p>What it has queued is sent all the same. A new replay can go on from where this one was.</p>
        </Confirm>
      )}
    </>
  );
}
