/**
 * Every line that the log can have: its name, its level and its fields. A line that is missing here, or lacks a field, does
 * not compile; a line that is missing in the operators' table ("The log") fails a test.
 *
 *     error   somebody must act       warn   somebody should look; an outage ends by itself
 *     info    what was done           debug  what clients did wrong with sockets
 *
 * A name says what the line is about and what happened, like an event type: lower case, underscores inside its two parts.
 * pino writes it as `msg`, which every viewer of logs shows. Fields that hold a quantity end in its unit. Where a person can
 * remove the cause, `cure` says how, as a sentence. No field holds a payload, a key, a secret or more of a URL than its host.
 */
import type { AttemptOutcome, AttemptTrigger, DeliveryStatus } from './domain/delivery.ts';
import type { ErasureScope } from './domain/erasure.ts';
import type { ReplayMode, ReplayStatus } from './domain/replay/scope.ts';
import { reportOf } from './domain/unavailable.ts';

export type LogEvent =
  | At<'debug', DebugFields>
  | At<'info', InfoFields>
  | At<'warn', WarnFields>
  | At<'error', ErrorFields>
  | At<'error' | 'warn', FaultFields>;

type At<Level, Fields> = Level extends string
  ? {
      [Name in keyof Fields]: { readonly level: Level; readonly name: Name; readonly fields: Readonly<Fields[Name]> };
    }[keyof Fields]
  : never;

type DebugFields = {
  'websocket.error': { err: Error; requestId?: string };
};

type InfoFields = {
  /** Built beside publishing, on tables that may be large. */
  'database.indexes_built': { indexes: readonly string[] };
  'database.migrated': { migrations: readonly string[] };
  /** Written thousands of times a second: the one wide line of an attempt, with the decision it led to. */
  'delivery.attempted': {
    deliveryId: string;
    eventId: string;
    eventType: string;
    targetId: string;
    urlHost: string;
    organizationId: string;
    number: number;
    trigger: AttemptTrigger;
    outcome: AttemptOutcome;
    responseStatus: number | null;
    durationMs: number;
    error: string | null;
    /** The request was sent on a second connection, because the target had closed the first. */
    resent?: true;
    status: DeliveryStatus;
    nextAttemptAt: Date | null;
    targetDeferredUntil?: Date;
    /** Of the span `deliver`, where an SDK of OpenTelemetry was loaded. */
    traceId?: string;
  };
  /** Written by the worker that made the last step. `scope` says whether it was about an event, a customer or all of it. */
  'erasure.ended': {
    erasureId: string;
    organizationId: string;
    scope: ErasureScope['kind'];
    eventCount: number;
    cancelledCount: number;
  };
  'graphql.request': {
    requestId: string;
    transport: string;
    kind: string | null;
    operationName: string | null;
    durationMs: number;
    status?: number;
    errorCodes: readonly string[];
    errorCount?: number;
    apiKeyId: string | null;
    apiKeyPrefix: string | null;
    organizationId: string | null;
    signatureVersion?: number;
    userErrorCodes?: readonly string[];
    eventCount?: number;
    eventIds?: readonly string[];
    /** Of a subscription: the changes that it was given. */
    changes?: number;
    /** Of a subscription: how far it was behind when it ended; null when that is not known. */
    lagMs?: number | null;
    worstLagMs?: number;
    /** The client left before it had the answer. */
    aborted?: true;
    /** Of the span `graphql`, where an SDK of OpenTelemetry was loaded. */
    traceId?: string;
  };
  /** Written by the worker that runs a replay. `takenOver`: another worker had begun it, and stopped or died. */
  'replay.started': Replayed & { takenOver?: true };
  'replay.ended': Replayed & {
    status: ReplayStatus;
    replayedCount: number;
    skippedCount: number;
    reason: string | null;
  };
  'service.started': { mode: string; roles: string; url: string; adminUrl: string | undefined; brand: string };
  'service.stopping': { signal: string };
  /** The last line of a process that stopped in order. */
  'service.stopped': { signal: string; durationMs: number };
};

type WarnFields = {
  'database.connection_lost': { err: Error };
  /** The role may not build it. */
  'database.index_missing': { cure: string };
  'database.connections_few': { allowed: number; needed: number; cure: string };
  'database.migration_lock_waited': { holder: string };
  'database.tables_busy': { cure: string };
  'settings.misspelt': { misspelt: readonly { readonly name: string; readonly meant: string }[]; cure: string };
  /** Retention keeps changes that are past their time, because the statistics have not counted them. */
  'statistics.behind': { cure: string };
  /** The client certificate of a target ends within this many days, 30 or 7, or has ended. */
  'target.certificate_expiring': { targetId: string; organizationId: string; days: number; notAfter: Date };
  'target.disabled': { targetId: string };
  /** The limit of open files allows fewer requests at once than CONCURRENCY. */
  'worker.few_descriptors': { descriptors: number; wanted: number; requests: number; cure: string };
};

type ErrorFields = {
  /** The last line of a process that did not stop in order. */
  'service.stop_forced': { signal: string; reason: string; cure: string };
  /** Nobody sent the first delivery of a chain, and the others waited for it: it goes on now. */
  'order.head_lost': { targetId: string; deliveryId: string; cure: string };
  /** Retention deleted changes that the statistics had not counted, because their roll-up was stuck for a day. */
  'statistics.changes_lost': { changes: number; cure: string };
};

/** What failed: `warn` while Postgres is away, which ends by itself; otherwise `error`. */
type FaultFields = {
  'access.failed': Fault;
  'authentication.failed': Fault;
  'clock.failed': Fault;
  'doorbell.failed': Fault;
  'feed.failed': Fault;
  'graphql.internal_error': Fault & Asked & { errorId: string };
  'graphql.unavailable': Fault & Asked & { errorId?: string };
  'http.error': Fault;
  'http.failed': Fault & { path: string | null };
  'key_watch.failed': Fault;
  'metrics.incomplete': Fault;
  'queue.failed': Fault;
  'ready.failed': Fault;
  /** What the events tell of was committed without them. */
  'service_events.unpublished': Fault & { eventTypes: readonly string[] };
  'stop.failed': Fault;
  'websocket.failed': Fault & { requestId: string };
  'worker.failed': Fault;
};

/** `targetId` null: every target of the organization. */
type Replayed = {
  replayId: string;
  organizationId: string;
  targetId: string | null;
  mode: ReplayMode;
  ratePerSecond: number;
};

type Fault = { err: unknown; cure?: string };
/** The operation and the place in it; undefined where no operation was known yet. */
type Asked = { requestId: string | undefined; operationName: string | null | undefined; path: string | undefined };

export type LogLevel = LogEvent['level'];

/** The fields of the line with this name. */
export type LogFields<Name extends LogEvent['name']> = Extract<LogEvent, { readonly name: Name }>['fields'];

type NameAt<Level extends LogLevel> = Extract<LogEvent, { readonly level: Level }>['name'];

/** Writes lines: a pino logger that takes only the lines listed here. */
export type Log = {
  readonly [Level in LogLevel]: <Name extends NameAt<Level>>(fields: LogFields<Name>, name: Name) => void;
} & { isLevelEnabled(level: LogLevel): boolean };

type FaultLine = {
  [Name in keyof FaultFields]: { readonly name: Name } & Readonly<Omit<FaultFields[Name], 'cure'>>;
}[keyof FaultFields];

/** Writes what failed, with the level and the cure of its error. */
export function logFault(log: Pick<Log, 'warn' | 'error'>, line: FaultLine): void {
  const { name, ...facts } = line;
  const { level, ...cure } = reportOf(facts.err);
  if (level === 'warn') log.warn({ ...facts, ...cure }, name);
  else log.error({ ...facts, ...cure }, name);
}
