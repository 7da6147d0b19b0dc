/** Claim: due jobs become claims, complete with all that their attempts need. */
import type { Database } from '../../database/client.ts';
import type { Sql } from '../../database/statement.ts';
import type { PriorityRange } from '../../database/priority.ts';
import type { Job } from '../../database/job.ts';
import type { Queue } from '../../database/queue.ts';
import type { DeliveryStatus, Progress } from '../../domain/delivery.ts';
import { idTimeMs } from '../../domain/ksuid.ts';
import type { TargetLimits } from '../../domain/targets/target.ts';
import type { Bodies } from '../bodies.ts';
import { BODIES, BODY, DELIVERIES, READ_AHEAD_BYTES, STILL_DUE, TRACEPARENTS } from './claimed-rows.ts';
import type { ClaimedRow, SuccessorRow } from './claimed-rows.ts';
import type { Loans } from './loans.ts';
import type { Secrets, OpenedTarget } from './sealed/secrets.ts';

/** One attempt to make. Its URL, secrets and headers are those that were valid at `readAt`. */
export type Claim = OpenedTarget & {
  readonly job: Job;
  readonly deliveryId: string;
  readonly organizationId: string;
  readonly targetId: string;
  readonly eventId: string;
  readonly eventType: string;
  /** The trace context of the publish; null: nobody traced it, or nobody traces here. */
  readonly traceparent: string | null;
  /** Whether publishing made the delivery; false: the event was sent again. */
  readonly isFirst: boolean;
  /** Bytes of the body. The body itself is read when the attempt begins, so a waiting claim takes little memory. */
  readonly bodyBytes: number;
  readonly limits: TargetLimits;
  readonly readAt: Date;
  readonly status: DeliveryStatus;
  /** The number of the attempt: 1, 2, … */
  readonly number: number;
  readonly progress: Progress;
  /** Whether it was made for a chain: others may wait for its end. */
  readonly isOrdered: boolean;
  /** Why it may be sent although its target is deferred (defer.ts); null: the target is not deferred. */
  readonly exemption: 'probe' | 'manual' | null;
};

/** A claim with its body, and with secrets and headers fresh enough to send now. */
export type FreshClaim = { readonly claim: Claim; readonly body: string };

/**
 * Claimed jobs, by what to do with them. `ready`: send. `waiting`: hold, because the target is paused, disabled or deferred.
 * `orphaned`: cancel, because the target is deleted or the event erased. `stale`: remove, because the job is not its delivery's
 * next attempt any more.
 */
export type ClaimedJobs = {
  readonly ready: Claim[];
  readonly waiting: Job[];
  /** Targets of waiting jobs whose deferral is over: one held delivery of each may be sent, as a probe. */
  readonly probeable: Map<string, TargetLimits>;
  readonly orphaned: Job[];
  readonly stale: Job[];
};

export const nothingClaimed = (): ClaimedJobs => ({
  ready: [],
  waiting: [],
  probeable: new Map(),
  orphaned: [],
  stale: [],
});

type Options = {
  readonly database: Database;
  readonly queue: Queue;
  readonly bodies: Bodies;
  readonly loans: Pick<Loans, 'get' | 'keep'>;
  readonly secrets: Pick<Secrets, 'read'>;
  /** Whether claims are read with the trace context of their events. Default: they have none. */
  readonly isTraced?: boolean;
  /** Hears of a claim that cannot be made ready, e.g. because its secret was sealed under another key. The others go on. */
  readonly onError: (error: Error) => void;
};

/** A delivery that is released with its job claimed, and the claim that ended before it in its chain: of the same target. */
export type Successor = { readonly row: SuccessorRow; readonly before: Claim };

export type Claimer = {
  /** Claims up to `limit` due jobs. */
  claim(limit: number, now: Date, range: PriorityRange): Promise<ClaimedJobs>;
  /** Claims what a settlement of this process has released. Asks the database nothing. */
  takeOver(successors: readonly Successor[], now: Date): ClaimedJobs;
  /** Looks up jobs that are claimed already. `probes`: the jobs that test whether a deferred target answers again. */
  lookUp(jobs: readonly Job[], now: Date, probes: ReadonlySet<Job>): Promise<ClaimedJobs>;
  /**
   * Reads the body of a claim, and reads its secrets and headers again if the claim has waited for long. So a new secret
   * signs every request from SECRETS_FRESH_MS after it was stored, however long claims wait. Throws ClaimWithdrawn: whether an
   * event was erased is read with the claim and again here, and never taken from a cache of bodies.
   */
  refresh(claim: Claim, now: Date): FreshClaim | Promise<FreshClaim>;
};

/** Claims older than this are looked up again before they are sent. Few wait this long. */
export const SECRETS_FRESH_MS = 1_000;

/** The attempt must not be made any more: its delivery was cancelled since the claim, or its event was erased. */
export class ClaimWithdrawn extends Error {}

export function createClaimer(options: Options): Claimer {
  const { database, queue, bodies, loans, secrets, isTraced = false, onError } = options;

  /** Returns the length of each body, by event, and puts bodies that are not too long into the cache. */
  async function readAhead(sql: Sql, rows: readonly ClaimedRow[]): Promise<Map<string, number>> {
    const lengths = new Map(rows.map(({ eventId }) => [eventId, bodies.get(eventId)?.length]));
    const missing = [...lengths.keys()].filter((id) => lengths.get(id) === undefined);
    if (missing.length > 0) {
      const found = await sql.query({ name: 'find_bodies', text: BODIES, values: [missing, READ_AHEAD_BYTES] });
      for (const { id, bytes, body } of found.rows) {
        lengths.set(id, bytes);
        if (body) bodies.set(id, body);
      }
    }
    return lengths as Map<string, number>;
  }

  /** Returns the trace context of each event that has one. */
  async function readTraces(rows: readonly ClaimedRow[]): Promise<Map<string, string>> {
    if (!isTraced) return new Map();
    const ids = [...new Set(rows.map(({ eventId }) => eventId))];
    const found = await database.pool.query({ name: 'find_traceparents', text: TRACEPARENTS, values: [ids] });
    return new Map(found.rows.map(({ id, traceparent }) => [id, traceparent]));
  }

  async function readBody(eventId: string): Promise<string> {
    const { rows } = await database.pool.query({ name: 'find_body', text: BODY, values: [eventId] });
    if (!rows[0]) throw new Error(`The body of event ${eventId} is missing`);
    if (rows[0].body === '') throw new ClaimWithdrawn(`The event ${eventId} is erased`);
    return rows[0].body;
  }

  /** Returns the body of an event. Requests that begin at once read it once. */
  function bodyOf(eventId: string): string | Promise<string> {
    const known = loans.get(eventId) ?? bodies.get(eventId);
    const body = known ?? readBody(eventId);
    loans.keep(eventId, body);
    if (known === undefined && body instanceof Promise) {
      void body.then(
        (text) => loans.keep(eventId, text),
        () => {}, // The callers that wait for the body handle the error.
      );
    }
    return body;
  }

  async function lookUp(jobs: readonly Job[], now: Date, probes: ReadonlySet<Job>): Promise<ClaimedJobs> {
    const claimed = nothingClaimed();
    if (jobs.length === 0) return claimed;
    const deliveryIds = jobs.map(({ deliveryId }) => deliveryId);
    const { rows } = await database.pool.query<ClaimedRow>({
      name: 'find_claimed_deliveries',
      text: DELIVERIES,
      values: [deliveryIds],
    });
    const byId = new Map(rows.map((row) => [row.deliveryId, row]));
    const [secretsOf, lengths, traces] = await Promise.all([
      secrets.read(rows, now),
      readAhead(database.pool, rows),
      readTraces(rows),
    ]);
    for (const job of jobs) {
      const row = byId.get(job.deliveryId);
      if (!row || row.jobId !== job.id) claimed.stale.push(job);
      else {
        const { targetId, eventId } = row;
        const traceparent = traces.get(eventId) ?? null;
        const open = () => ({ ...secretsOf.get(targetId)!(), traceparent, readAt: now });
        const exemption = exemptionOf(row, probes.has(job));
        sort(claimed, { job, row, bodyBytes: lengths.get(eventId), exemption, open }, now);
      }
    }
    return claimed;
  }

  /** Puts a claimed job among those with which the same is to be done. */
  function sort(claimed: ClaimedJobs, { job, row, bodyBytes, exemption, open }: Unsorted, now: Date): void {
    if (row.targetDeleted || bodyBytes === 0) claimed.orphaned.push(job);
    else if (row.targetStatus !== 'ACTIVE') claimed.waiting.push(job);
    else if (row.deferredUntil && !exemption) {
      claimed.waiting.push(job);
      if (row.deferredUntil <= now) claimed.probeable.set(row.targetId, row);
    } else {
      try {
        claimed.ready.push(toClaim(job, row, { ...open(), bodyBytes, exemption }));
      } catch (cause) {
        // Nobody touches this job, so it is claimed again after a heartbeat.
        onError(new Error(`Delivery ${row.deliveryId} to target ${row.targetId} cannot be signed`, { cause }));
      }
    }
  }

  function takeOver(successors: readonly Successor[], now: Date): ClaimedJobs {
    const claimed = nothingClaimed();
    for (const { row, before } of successors) {
      const { deliveryId, eventId, body, bodyBytes } = row;
      const { url, secrets: own, headers, identity, readAt } = before;
      const traceparent = isTraced ? row.traceparent : null;
      if (body) bodies.set(eventId, body);
      const job = { id: row.jobId!, deliveryId, retryCount: 0 };
      const open = () => ({ url, secrets: own, headers, identity, traceparent, readAt });
      sort(claimed, { job, row, bodyBytes, exemption: exemptionOf(row, false), open }, now);
    }
    return claimed;
  }

  async function readAgain(claim: Claim, now: Date): Promise<Claim> {
    const values = [claim.deliveryId, claim.job.id];
    const [found, due] = await Promise.all([
      secrets.read([claim], now),
      database.pool.query({ name: 'find_due_delivery', text: STILL_DUE, values }),
    ]);
    if (due.rowCount === 0) throw new ClaimWithdrawn(`The delivery ${claim.deliveryId} is not due any more`);
    return { ...claim, ...found.get(claim.targetId)!(), readAt: now };
  }

  return {
    claim: async (limit, now, range) => lookUp(await queue.fetch(limit, range), now, NO_PROBES),
    lookUp,
    takeOver,
    refresh(claim, now) {
      const body = bodyOf(claim.eventId);
      const isOld = now.getTime() - claim.readAt.getTime() > SECRETS_FRESH_MS;
      if (!isOld && !(body instanceof Promise)) return { claim, body };
      return Promise.all([isOld ? readAgain(claim, now) : claim, body]).then(([fresh, text]) => {
        return { claim: fresh, body: text };
      });
    },
  };
}

const NO_PROBES: ReadonlySet<Job> = new Set();

function exemptionOf({ deferredUntil, trigger }: ClaimedRow, isProbe: boolean): Claim['exemption'] {
  if (deferredUntil === null) return null;
  if (isProbe) return 'probe';
  return trigger === 'MANUAL' ? 'manual' : null;
}

type Unsorted = Pick<Claim, 'job' | 'exemption'> & {
  readonly row: ClaimedRow;
  /** Undefined: the event is missing. */
  readonly bodyBytes: number | undefined;
  readonly open: () => OpenedTarget & Pick<Claim, 'readAt' | 'traceparent'>;
};

type Beside = OpenedTarget &
  Pick<Claim, 'readAt' | 'exemption' | 'traceparent'> & { readonly bodyBytes: number | undefined };

function toClaim(job: Job, row: ClaimedRow, { bodyBytes, ...beside }: Beside): Claim {
  if (bodyBytes === undefined) throw new Error(`The body of event ${row.eventId} is missing`);
  const { deliveryId, organizationId, targetId, eventId, eventType, createdAt, status, isOrdered } = row;
  const { scheduleStep, maxAttempts, trigger, resumeAt, maxConcurrency, rateLimitPerSecond } = row;
  const limits = { maxConcurrency, rateLimitPerSecond };
  const facts = {
    job,
    deliveryId,
    organizationId,
    targetId,
    eventId,
    eventType,
    // Publishing takes the time of all its rows before it makes the first id.
    isFirst: createdAt.getTime() <= idTimeMs(eventId),
    bodyBytes,
    limits,
    status,
    isOrdered,
    ...beside,
  };
  return { ...facts, number: row.attemptCount + 1, progress: { scheduleStep, maxAttempts, trigger, resumeAt } };
}
