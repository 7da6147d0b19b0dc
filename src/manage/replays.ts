/** Replays as people ask for them: what one would send, beginning one, and ending it. Workers run them (pipeline/replay/). */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { remember, type Effect } from '../database/effect.ts';
import type { Sql } from '../database/statement.ts';
import { unknownEventType } from '../domain/event-types/event-type.ts';
import { standsFor } from '../domain/event-types/event-type-pattern.ts';
import { isId, type IdGenerator } from '../domain/ksuid.ts';
import { notFound, reach, type Principal } from '../domain/reach.ts';
import {
  DEFAULT_REPLAY_RATE,
  MAX_REPLAY_RATE,
  readReplayScope,
  type ReplayCount,
  type ReplayScope,
  type ReplayScopeInput,
  type ReplayStatus,
} from '../domain/replay/scope.ts';
import { startingPace } from '../domain/replay/pace.ts';
import type { TargetStatus } from '../domain/targets/target.ts';
import { fail, succeed, userError, type Result, type UserError } from '../errors.ts';
import type { Channel } from '../live/doorbell.ts';
import { recordReplayChange } from '../live/changes/replay-changes.ts';
import { audit, type AuditedCaller } from './audit.ts';
import { replayLimitReached } from './quota.ts';

export type CreateReplayInput = {
  readonly scope: ReplayScopeInput;
  readonly ratePerSecond?: number | null | undefined;
  readonly expectedCount?: number | null | undefined;
};

type Done = { readonly replayId: string };

export type Replays = {
  /** Counts what a replay of this scope would replay now. The errors of create that are about the scope. */
  preview(caller: Principal, scope: ReplayScopeInput): Promise<Result<ReplayCount>>;
  /**
   * Begins a replay. REQUIRED, INVALID, TOO_LONG, TOO_MANY, UNKNOWN_EVENT_TYPE, NOT_FOUND; INVALID_STATE when the target is
   * DISABLED, a replay of it runs already, or the count is not the expected one. TOO_MANY also when the organization has as
   * many open replays as it may.
   */
  create(caller: AuditedCaller, input: CreateReplayInput, effect?: Effect): Promise<Result<Done>>;
  /** Ends a replay. What it has queued is sent all the same. NOT_FOUND; INVALID_STATE when it has ended. */
  cancel(caller: AuditedCaller, input: { readonly id: string }, effect?: Effect): Promise<Result<Done>>;
};

/** The target of a scope, as far as it decides what it receives. */
type ScopeTarget = {
  readonly id: string;
  readonly organizationId: string;
  readonly status: TargetStatus;
  readonly global: boolean;
  readonly eventTypes: readonly string[];
  readonly customerIds: readonly string[];
  readonly filter: string | null;
};

type Options = {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  readonly retentionDays: number;
  /** `target` is that of the scope; null: every target. */
  readonly count: (organizationId: string, scope: ReplayScope, target: ScopeTarget | null) => Promise<ReplayCount>;
  /** Called after commit. */
  readonly ring: (channel: Channel) => void;
};

/** A scope whose target and event types were looked up. */
type Known = { readonly scope: ReplayScope; readonly target: ScopeTarget | null; readonly organizationId: string };

export function createReplays({ database, clock, ids, retentionDays, count, ring }: Options): Replays {
  async function lookUp(caller: Principal, input: ReplayScopeInput): Promise<Result<Known>> {
    const read = readReplayScope(input, { now: clock.now(), retentionDays });
    const { targetId = null } = input;
    const target = targetId === null ? null : await findTarget(database.pool, caller, targetId);
    const userErrors = [
      ...(read.ok ? await checkEventTypes(database.pool, read.value.eventTypes) : read.userErrors),
      ...(target === undefined ? [notFound('webhook target', targetId!, ['scope', 'targetId'])] : []),
    ];
    if (!read.ok || target === undefined || userErrors.length > 0) return fail(...userErrors);
    return succeed({ scope: read.value, target, organizationId: target?.organizationId ?? caller.organizationId });
  }

  const countOf = ({ organizationId, scope, target }: Known): Promise<ReplayCount> =>
    count(organizationId, scope, target);

  return {
    async preview(caller, input) {
      const known = await lookUp(caller, input);
      return known.ok ? succeed(await countOf(known.value)) : known;
    },

    async create(caller, input, effect) {
      const { expectedCount = null } = input;
      const ratePerSecond = input.ratePerSecond ?? DEFAULT_REPLAY_RATE;
      const known = await lookUp(caller, input.scope);
      const userErrors = [...checkNumbers(ratePerSecond, expectedCount), ...(known.ok ? [] : known.userErrors)];
      if (!known.ok || userErrors.length > 0) return fail(...userErrors);
      if (known.value.target?.status === 'DISABLED') return fail(DISABLED);
      if (expectedCount !== null) {
        // Asked first: what a running replay has queued is not in the count, which would then be blamed.
        const running = await findRunning(database.pool, known.value);
        if (running) return fail(alreadyRunning(known.value, running));
        const surprise = compareCount(expectedCount, await countOf(known.value));
        if (surprise) return fail(surprise);
      }
      const created = await database.transaction<Result<Done>>(async (tx) => {
        const limit = await replayLimitReached(tx, known.value.organizationId);
        if (limit !== undefined) return fail(tooManyReplays(limit));
        const replay = { ...known.value, id: ids.next(), ratePerSecond, now: clock.now() };
        if (!(await insertReplay(tx, replay)))
          return fail(alreadyRunning(known.value, await findRunning(tx, known.value)));
        const { id, organizationId, now } = replay;
        const after = shown(replay);
        await audit(tx, { author: caller.author, ids, now }, [
          { organizationId, type: 'Replay', id, before: null, after },
        ]);
        return succeed(await remember(tx, effect, { replayId: id }));
      });
      if (created.ok) ring('replay_changes');
      return created;
    },

    async cancel(caller, { id }, effect) {
      const outcome = await database.transaction<Result<Done>>(async (tx) => {
        const replay = await lockReplay(tx, caller, id);
        if (!replay) return fail(notFound('replay', id));
        if (replay.isOver) return fail(userError('INVALID_STATE', 'id', `The replay is ${replay.status} already.`));
        const now = clock.now();
        const { rows } = await tx.query<ReplayRow>(CANCEL, [id, now]);
        await recordReplayChange(tx, { ...rows[0]!, replayId: id, occurredAt: now });
        const entry = { organizationId: replay.organizationId, type: 'Replay', id } as const;
        const [before, after] = [{ status: replay.status }, { status: 'CANCELLED' }];
        await audit(tx, { author: caller.author, ids, now }, [{ ...entry, before, after }]);
        return succeed(await remember(tx, effect, { replayId: id }));
      });
      if (outcome.ok) ring('replay_changes');
      return outcome;
    },
  };
}

async function findTarget(sql: Sql, caller: Principal, id: string): Promise<ScopeTarget | undefined> {
  if (!isId(id)) return undefined;
  const { rows } = await sql.query<ScopeTarget>(
    `select id, organization_id as "organizationId", status, global, event_types as "eventTypes",
            customer_ids as "customerIds", filter::text
       from webhook_targets
      where id = $1 and deleted_at is null and ($2::text is null or organization_id = $2)`,
    [id, reach(caller)],
  );
  return rows[0];
}

/** To compare two names costs the product of their lengths, for every known name. */
const MOST_SUGGESTIONS = 10;

/** Archived types are known: what was published under them is replayed. */
async function checkEventTypes(sql: Sql, eventTypes: readonly string[]): Promise<UserError[]> {
  if (eventTypes.length === 0) return [];
  const { rows } = await sql.query<{ name: string }>('select name from event_types order by name');
  const names = rows.map(({ name }) => name);
  return eventTypes.flatMap((entry, index) => {
    if (names.some((name) => standsFor(entry, name))) return [];
    const suggested = index < MOST_SUGGESTIONS ? names : [];
    return [unknownEventType(['scope', 'eventType', index], entry, suggested)];
  });
}

function checkNumbers(ratePerSecond: number, expectedCount: number | null): UserError[] {
  const isRate = Number.isInteger(ratePerSecond) && ratePerSecond >= 1 && ratePerSecond <= MAX_REPLAY_RATE;
  const rate = `Expected 1 to ${MAX_REPLAY_RATE} a second, got ${ratePerSecond}.`;
  const count = `Expected a count from replayPreview, which is not negative; got ${expectedCount}.`;
  return [
    ...(isRate ? [] : [userError('INVALID', 'ratePerSecond', rate)]),
    ...(expectedCount !== null && expectedCount < 0 ? [userError('INVALID', 'expectedCount', count)] : []),
  ];
}

const DISABLED = userError(
  'INVALID_STATE',
  ['scope', 'targetId'],
  'The target is DISABLED and receives nothing; set its status to ACTIVE first.',
);

const tooManyReplays = (limit: number): UserError =>
  userError(
    'TOO_MANY',
    null,
    `The organization has ${limit} replays that have not ended, which is the most. Wait until one ends, or cancel one, and ` +
      'create this one then.',
  );

function compareCount(expected: number, { count, estimate }: ReplayCount): UserError | undefined {
  const actual = count ?? estimate ?? 0;
  if (Math.abs(actual - expected) <= expected / 10) return undefined;
  const what = count === null ? `about ${actual}` : `${actual}`;
  const message =
    `Expected about ${expected} to replay, as expectedCount says; there are ${what}. Ask replayPreview again, and give its ` +
    'count.';
  return userError('INVALID_STATE', 'expectedCount', message);
}

type NewReplay = Known & { readonly id: string; readonly ratePerSecond: number; readonly now: Date };

/** Returns false when another replay of the target runs. It waits for one that is being created. */
async function insertReplay(tx: Sql, { id, organizationId, scope, target, ratePerSecond, now }: NewReplay) {
  const status = target?.status === 'PAUSED' ? 'WAITING' : 'RUNNING';
  const { targetId, mode, from, until, eventTypes, customerId } = scope;
  const pacedUntilMs = startingPace(ratePerSecond, now);
  const chosen = [targetId, mode, from, until, eventTypes, customerId];
  const { rowCount } = await tx.query(INSERT, [
    id,
    organizationId,
    status,
    ratePerSecond,
    pacedUntilMs,
    now,
    ...chosen,
  ]);
  if (rowCount === 0) return false;
  const counts = { replayedCount: 0, skippedCount: 0 };
  await recordReplayChange(tx, { organizationId, replayId: id, targetId, status, ...counts, occurredAt: now });
  return true;
}

const INSERT = `
  insert into replays (id, organization_id, status, rate_per_second, paced_until_ms, told_at, created_at, target_id, mode,
    published_from, published_until, event_types, customer_id)
  values ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11, $12)
  on conflict do nothing`;

async function findRunning(sql: Sql, { organizationId, target }: Known): Promise<{ id: string } | undefined> {
  const { rows } = await sql.query<{ id: string }>(
    `select id from replays where organization_id = $1 and coalesce(target_id, '') = $2 and ended_at is null`,
    [organizationId, target?.id ?? ''],
  );
  return rows[0];
}

function alreadyRunning({ target }: Known, running: { id: string } | undefined): UserError {
  const of = target === null ? 'of all targets' : 'of the target';
  const which = running ? `The replay ${running.id} ${of} runs already` : `Another replay ${of} was running until now`;
  const message = `${which}. Wait for its end, or cancel it, and create this one then.`;
  return userError('INVALID_STATE', target === null ? null : ['scope', 'targetId'], message);
}

/** What the audit log shows of a new replay. */
const shown = ({ scope, ratePerSecond }: NewReplay) => ({
  mode: scope.mode,
  targetId: scope.targetId,
  from: scope.from,
  until: scope.until,
  eventTypes: scope.eventTypes,
  customerId: scope.customerId,
  ratePerSecond,
});

type ReplayRow = {
  readonly organizationId: string;
  readonly targetId: string | null;
  readonly status: ReplayStatus;
  readonly replayedCount: number;
  readonly skippedCount: number;
};

async function lockReplay(tx: Sql, caller: Principal, id: string) {
  if (!isId(id)) return undefined;
  type Locked = { readonly organizationId: string; readonly status: ReplayStatus; readonly isOver: boolean };
  return (await tx.query<Locked>(LOCK, [id, reach(caller)])).rows[0];
}

const LOCK = `
  select organization_id as "organizationId", status, ended_at is not null as "isOver"
    from replays where id = $1 and ($2::text is null or organization_id = $2)
     for update`;

const CANCEL = `
  update replays set status = 'CANCELLED', ended_at = $2, told_at = $2, told_count = replayed_count + skipped_count
   where id = $1
  returning organization_id as "organizationId", target_id as "targetId", status, replayed_count as "replayedCount",
    skipped_count as "skippedCount"`;
