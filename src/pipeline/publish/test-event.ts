/** Sends a test event: a real event with the example data of its type, to one target only. */
import { leaseLost, isLeaseLost, remembering, type Effect } from '../../database/effect.ts';
import { urgentPriority } from '../../database/priority.ts';
import type { Statement } from '../../database/statement.ts';
import { isEventTypeName } from '../../domain/event-types/event-type.ts';
import { isId } from '../../domain/ksuid.ts';
import { buildBody } from '../../domain/payload.ts';
import { notFound, reach, type Principal } from '../../domain/reach.ts';
import { quote } from '../../domain/text.ts';
import { fail, succeed, userError, type Result, type UserError } from '../../errors.ts';
import { sendAll, type Wait } from './patience.ts';
import { publicationStatements } from './write.ts';
import type { PublisherOptions } from './options.ts';

export type TestEventInput = {
  readonly targetId: string;
  /**
   * A name, not a pattern. Default: the first event type that the target is subscribed to, of a pattern the first by name; for a
   * target that receives all, the first event type by name.
   */
  readonly eventType?: string | null | undefined;
};

type TargetRow = { organizationId: string; status: string; global: boolean; eventTypes: string[] };
type TypeRow = { name: string; example: unknown };

export async function sendTestEvent(
  options: PublisherOptions,
  caller: Principal,
  input: TestEventInput,
  wait: Wait,
  effect?: Effect,
): Promise<Result<{ deliveryId: string }>> {
  const target = await findTarget(options, caller, input.targetId);
  if (!target) return fail(notFound('webhook target', input.targetId, 'targetId'));
  if (target.status === 'DISABLED') {
    const message = 'The target is DISABLED and receives nothing; set its status to ACTIVE first.';
    return fail(userError('INVALID_STATE', 'targetId', message));
  }
  const type = await findType(options, input.eventType ?? null, target.global ? [] : target.eventTypes);
  if (!type) return fail(unknownType(input.eventType));

  const { clock, ids, maxAttempts, bodies, queue, database } = options;
  const { organizationId } = target;
  const createdAt = clock.now();
  const event = { id: ids.next(), organizationId, eventType: type.name, createdAt, customerId: null };
  const dataText = JSON.stringify(type.example ?? { test: true });
  const body = buildBody({ ...event, dataText });
  const jobId = target.status === 'PAUSED' ? null : clock.uuid();
  const delivery = {
    id: ids.next(),
    eventId: event.id,
    targetId: input.targetId,
    jobId,
    isTaken: false,
    dueAt: createdAt,
    priority: urgentPriority(createdAt),
    chain: null, // Outside the order: so it can be tried whether a receiver works again.
  };
  const done = { deliveryId: delivery.id };
  const publication = {
    events: [{ ...event, idempotencyKey: null, orderingKey: null, body, filteredCount: null }],
    deliveries: [delivery],
  };
  const more = [markTest(event.id), ...(effect ? [remembering([effect.memoryOf(done)])] : [])];
  const statements = await publicationStatements(publication, { maxAttempts, queue, more });
  await database.transact(statements, { beforeSend: () => sendAll([wait]) }).catch((error: unknown) => {
    throw isLeaseLost(error) ? leaseLost() : error;
  });
  bodies.set(event.id, body);
  options.onCommit({ events: 1, deliveries: 1, queued: jobId === null ? 0 : 1, filtered: 0 });
  return succeed(done);
}

/** The statement that keeps replays from giving the event to other targets. */
const markTest = (eventId: string): Statement => ({
  name: 'note_test_event',
  text: 'update events set is_test = true where id = $1',
  values: [eventId],
});

async function findTarget(
  { database }: PublisherOptions,
  caller: Principal,
  targetId: string,
): Promise<TargetRow | undefined> {
  if (!isId(targetId)) return undefined;
  const { rows } = await database.pool.query<TargetRow>(
    `select organization_id as "organizationId", status, global, event_types as "eventTypes" from webhook_targets
     where id = $1 and deleted_at is null and ($2::text is null or organization_id = $2)`,
    [targetId, reach(caller)],
  );
  return rows[0];
}

async function findType(
  { database }: PublisherOptions,
  name: string | null,
  subscription: readonly string[],
): Promise<TypeRow | undefined> {
  if (name !== null && !isEventTypeName(name)) return undefined;
  const { rows } = await database.pool.query<TypeRow>(FIRST_TYPE, [name === null ? subscription : [name]]);
  return rows[0];
}

/** The first event type of a list of names and patterns that takes events; of an empty list, the first of all. */
const FIRST_TYPE = `
  select type.name, type.example
    from event_types type
    left join unnest($1::text[]) with ordinality as entries (entry, place)
      on entry = type.name or (entry like '%.*' and type.name ^@ left(entry, -1))
   where type.archived_at is null and ($1::text[] = '{}' or entry is not null)
   order by place, type.name limit 1`;

function unknownType(asked: string | null | undefined): UserError {
  const what = asked ? `The event type ${quote(asked)} is unknown or archived` : 'No event type can be sent';
  return userError('UNKNOWN_EVENT_TYPE', 'eventType', `${what}; the eventTypes query lists what can be used.`);
}
