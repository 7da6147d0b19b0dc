/** One target: how it is, what it got, and everything that can be done with it. */
import { Link, useParams } from 'wouter';
import { useNews } from '../api/use-news.ts';
import { useQuery } from '../api/use-query.ts';
import { useMay } from '../api/viewer.tsx';
import { Connection } from '../ui/connection.tsx';
import { Failure } from '../ui/failure.tsx';
import { Back, Fact, Facts } from '../ui/tables/facts.tsx';
import { Id } from '../ui/text/id.tsx';
import { Text } from '../ui/text/text.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { TargetStatus } from '../ui/targets/target-status.tsx';
import { Countdown, Time } from '../ui/time.tsx';
import { TARGET, TARGET_ATTEMPTS, TARGET_CHANGES } from './documents.ts';
import type { EditedTarget } from './form/draft.ts';
import { NoTarget } from './no-target.tsx';
import { TargetActions } from './target-actions.tsx';
import { TargetDeliveries } from './target-deliveries.tsx';
import { TargetCharts } from './target-charts.tsx';
import { TargetSettings } from './target-settings.tsx';
import { HealthWords } from './target-table.tsx';
import { TargetTitle } from '../ui/targets/target-title.tsx';
import { replayHref } from '../ui/replays/replay-href.ts';
import './targets.css';

export function TargetPage() {
  const { id = '' } = useParams();
  const { data, error, reload } = useQuery(TARGET, { id });
  const mayWatch = useMay('DELIVERIES_READ');
  const mayReplay = useMay('DELIVERIES_WRITE');
  const filter = { targetId: id };
  const { state, error: streamError } = useNews({
    document: TARGET_CHANGES,
    variables: { filter },
    everyMs: 0,
    onNews: reload,
  });
  const target = data?.webhookTarget;
  if (target === null) return <NoTarget />;
  if (!target) return error ? <Failure what="The target" error={error} onRetry={reload} /> : <Skeleton rows={8} />;
  return (
    <>
      <Back to="/targets" name="Targets" />
      <div className="page-head">
        <h1>
          <TargetTitle name={target.name} url={target.url} />
        </h1>
        <TargetStatus status={target.status} />
        <Connection state={state} error={streamError} />
        <TargetActions target={target} onChange={reload} />
      </div>
      <Situation target={target} />
      {mayWatch && <AttemptNews id={id} onNews={reload} />}
      <div className={mayWatch ? 'halves' : ''}>
        {mayWatch && (
          <div>
            <TargetDeliveries targetId={id} />
            {mayReplay && target.status !== 'DISABLED' && <Replays targetId={id} />}
          </div>
        )}
        <TargetSettings target={target} />
      </div>
      {mayWatch && <TargetCharts id={id} />}
    </>
  );
}

const Replays = ({ targetId }: { readonly targetId: string }) => (
  <p>
    <Link href={replayHref({ mode: 'FAILED', targetId })}>Send again what failed there</Link>
    {' · '}
    <Link href={replayHref({ mode: 'MISSED', targetId })}>Send what it missed</Link>
  </p>
);

const READ_EVERY_MS = 5_000;

/** Reads the health of the target again when attempts to it were recorded. */
function AttemptNews({ id, onNews }: { readonly id: string; readonly onNews: () => void }) {
  useNews({ document: TARGET_ATTEMPTS, variables: { filter: { targetId: id } }, everyMs: READ_EVERY_MS, onNews });
  return null;
}

/** What somebody must know before anything else: whether it works, and if not, why. */
function Situation({ target }: { readonly target: EditedTarget }) {
  const { status, disabledReason, deferredUntil, lastFailureAt, lastFailureReason, lastSuccessAt } = target;
  return (
    <div className="situation">
      {status === 'DISABLED' && (
        <p className="callout" data-state="bad">
          No deliveries are created for it, and those that wait are held.{' '}
          {disabledReason !== null && <Text value={disabledReason} />}
        </p>
      )}
      {status === 'PAUSED' && (
        <p className="callout" data-state="warn">
          Deliveries are created and held. They go out when the target is resumed.
        </p>
      )}
      {deferredUntil !== null && Date.parse(deferredUntil) > Date.now() && (
        <p className="callout" data-state="warn">
          It asked for time (Retry-After): the next request goes out <Countdown to={deferredUntil} />.
        </p>
      )}
      <Facts>
        <Fact name="Health">
          <HealthWords health={target} />
        </Fact>
        <Fact name="Last success">{lastSuccessAt ? <Time at={lastSuccessAt} /> : 'none yet'}</Fact>
        {lastFailureAt && (
          <Fact name="Last failure">
            <Time at={lastFailureAt} /> <small>{lastFailureReason && <Text value={lastFailureReason} />}</small>
          </Fact>
        )}
        <Fact name="Id">
          <Id id={target.id} />
        </Fact>
      </Facts>
    </div>
  );
}
