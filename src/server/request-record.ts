/** What is known of one GraphQL operation on its way through the server, whichever transport brought it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type DocumentNode, getOperationAST } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import type { Caller } from '../access/caller.ts';
import type { Clock } from '../clock.ts';
import type { Turn } from '../fairness/fair-share.ts';
import type { BodyBytes } from './intake/body-budget.ts';
import type { Authentication } from './identity.ts';
import type { OpenStream } from './streams/open-stream.ts';
import { redact } from '../domain/redact.ts';

export type Transport = 'http' | 'sse' | 'websocket';

export type RequestRecord = {
  readonly requestId: string;
  readonly startedMs: number;
  transport: Transport;
  /** Null: no API key was sent, so only public fields answer. */
  caller: Caller | null;
  /** Calls `onEnd` when the caller's API key ends; returns how to stop watching. The API key itself is kept nowhere else. */
  watchKey: ((onEnd: () => void) => () => void) | null;
  /** The bytes of memory that its body holds, until the request is answered or its stream is open. */
  bodyBytes: BodyBytes | null;
  /** The bytes of the request's body, until its signature has been checked; null for callers who need not sign. */
  body: Buffer | null;
  /** The version of the signature of a mutation; null when it needed none. */
  signatureVersion: 1 | 2 | null;
  operationName: string | null;
  /** Of the span of the operation; null: nobody traces it. */
  traceId: string | null;
  kind: 'query' | 'mutation' | 'subscription' | null;
  /** Its turn in the share of its organization (share.ts). */
  turn: Turn | null;
  readonly errorCodes: Set<string>;
  /** How many errors the client was shown. */
  errorCount: number;
  /** What its mutations did, for the log. */
  noted: Noted | null;
  /** Set while a subscription is open. */
  stream: OpenStream | null;
  /** What a subscription was given, and how late. */
  streamed: Streamed | null;
  /** Called when the subscription that was open has ended. */
  onStreamEnd: (() => void) | null;
};

/** `lagMs` is null while it is not known (live/subscribers/subscription.ts). */
export type Streamed = { readonly changes: number; readonly lagMs: number | null; readonly worstLagMs: number };

/** What the mutations of an operation did: the events they published, or why they did nothing. */
export type Noted = { readonly eventIds: readonly string[]; readonly userErrorCodes: readonly string[] };

/** What the gate found (gate.ts). `turn`: null without a caller. */
export type Admitted = Authentication & { readonly turn: Turn | null };

/** What Yoga hands to every hook of an HTTP request. */
export type HttpContext = {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly admission: Admitted;
  record: RequestRecord;
};

/** The snapshot that an operation reads from. Schemas without a database have none. */
export type OperationReads = {
  end(): void;
  /** From now on shares no connection with other operations. */
  readAlone(): void;
  /** The reads of another answer of the same operation. */
  fork(): OperationReads;
};

/** What every operation's GraphQL context holds besides the schema's own; `req` and `res` only over HTTP. */
export type OperationContext = {
  readonly record: RequestRecord;
  readonly req?: IncomingMessage;
  readonly params: GraphQLParams;
  readonly reads?: OperationReads;
  readonly res?: ServerResponse;
};

/** One step of the request lifecycle. */
export type ServerPlugin = Plugin<OperationContext, HttpContext>;

/** The record of an operation that begins now. */
export function startRecord(clock: Clock, requestId: string, transport: Transport): RequestRecord {
  return {
    requestId,
    startedMs: clock.monotonicMs(),
    transport,
    caller: null,
    watchKey: null,
    bodyBytes: null,
    body: null,
    signatureVersion: null,
    operationName: null,
    traceId: null,
    kind: null,
    turn: null,
    errorCodes: new Set(),
    errorCount: 0,
    noted: null,
    stream: null,
    streamed: null,
    onStreamEnd: null,
  };
}

/** Notes what a mutation did: the events it published, or the codes of its user errors. */
export function noteResult(record: RequestRecord, { eventIds = [], userErrorCodes = [] }: Partial<Noted>): void {
  const earlier = record.noted ?? { eventIds: [], userErrorCodes: [] };
  record.noted = {
    eventIds: [...earlier.eventIds, ...eventIds],
    userErrorCodes: [...new Set([...earlier.userErrorCodes, ...userErrorCodes])],
  };
}

type ExecutionArgs = { readonly document: DocumentNode; readonly operationName?: string | null | undefined };

/** Notes which operation of the document is about to run. */
export function noteOperation(record: RequestRecord, { document, operationName }: ExecutionArgs): void {
  const operation = getOperationAST(document, operationName);
  record.kind = operation?.operation ?? null;
  record.operationName = operation?.name ? redact(operation.name.value).slice(0, MAX_NAME_LENGTH) : null;
}

/** The log shows names, which the client chooses. Longer names are cut. */
const MAX_NAME_LENGTH = 100;
