/** Tells by service events what settled attempts mean for their targets: failing, recovered, disabled, deliveries exhausted. */
import type { Sql } from '../../../database/statement.ts';
import type { Tell } from '../../../database/telling.ts';
import {
  deliveryExhausted,
  targetDisabled,
  targetFailing,
  targetRecovered,
  type ServiceEvent,
  type ToldTarget,
} from '../../../domain/service-event.ts';
import { isServiceEventType } from '../../../domain/event-types/service-event-types.ts';
import type { Verdict } from '../judge.ts';

/** What is to be told of a target, as health-sql.ts finds it. */
export type ToldOfTarget = {
  readonly targetId: string;
  readonly failureCount: number;
  readonly failingSince: string | null;
  /**
   * Without the last error, which can hold words of the receiver:
   * an erasure does not reach them in an event. Null: it was not disabled.
   */
  readonly disabledReason: string | null;
  readonly isFailing: boolean;
  readonly isRecovered: boolean;
  /** Deliveries exhausted since that was told last; null: it is not to be told. */
  readonly exhausted: number | null;
};

/** Publishes the events in the transaction that settled `verdicts`, in their order. */
export async function tellOfTargets(
  tx: Sql,
  tell: Tell,
  told: readonly ToldOfTarget[],
  verdicts: readonly Verdict[],
): Promise<void> {
  if (told.length === 0) return;
  const { rows } = await tx.query<ToldTarget>(TARGETS, [told.map(({ targetId }) => targetId)]);
  const targets = new Map(rows.map((target) => [target.id, target]));
  const byTarget = Map.groupBy(verdicts, ({ claim }) => claim.targetId);
  const events = told.flatMap((news) => {
    const target = targets.get(news.targetId);
    return target ? eventsOf(target, news, byTarget.get(target.id) ?? []) : [];
  });
  await tell(events);
}

/** `all`: what the attempts of the target came to, those on deliveries of service events included. */
function eventsOf(target: ToldTarget, news: ToldOfTarget, all: readonly Verdict[]): ServiceEvent[] {
  const { failureCount, exhausted, disabledReason } = news;
  const failingSince = news.failingSince && new Date(news.failingSince).toISOString();
  const runOf = (last: Verdict) => ({ failureCount, failingSince, lastOutcome: outcomeOf(last) });
  const verdicts = all.filter(({ claim }) => !isServiceEventType(claim.eventType));
  const success = verdicts.findLast(({ outcome }) => outcome === 'DELIVERED');
  const failure = verdicts.findLast(isFailure);
  const disabling = all.findLast(isFailure);
  const last = verdicts.findLast(({ transition }) => transition.status === 'FAILED');
  const events: ServiceEvent[] = [];
  if (news.isRecovered && success) events.push(targetRecovered(target, runOf(success)));
  if (news.isFailing && failure) events.push(targetFailing(target, runOf(failure)));
  if (disabledReason !== null && disabling) events.push(targetDisabled(target, disabledReason, runOf(disabling)));
  if (exhausted !== null && last) {
    const { deliveryId, eventId, eventType } = last.claim;
    const lastOutcome = outcomeOf(last);
    events.push(deliveryExhausted(target, { deliveryId, eventId, eventType, count: exhausted, lastOutcome }));
  }
  return events;
}

/** The target failed, not the service. */
const isFailure = ({ outcome }: Verdict): boolean => outcome !== 'DELIVERED' && outcome !== 'PROXY_ERROR';

const outcomeOf = ({ outcome, result }: Verdict) => ({
  outcome,
  responseStatus: result.kind === 'response' ? result.status : null,
});

const TARGETS = `
  select id, organization_id as "organizationId", name, url, status from webhook_targets
  where id = any($1) and deleted_at is null`;
