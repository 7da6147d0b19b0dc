/**
 * How publishing hands deliveries over to the worker of the same process (dispatch/hand-over.ts), which then sends them
 * right after the commit, without asking the queue.
 */

/** A delivery that is being published, with all that its first attempt needs. */
export type FreshDelivery = {
  readonly id: string;
  readonly jobId: string;
  readonly organizationId: string;
  readonly eventId: string;
  readonly eventType: string;
  /** The trace context of the publish; null: nobody traces it. */
  readonly traceparent: string | null;
  /** Bytes of the body. */
  readonly bodyBytes: number;
  readonly maxAttempts: number;
  readonly targetId: string;
  /** Of its job: see database/priority.ts. */
  readonly priority: number;
  readonly address: TargetAddress;
};

/** Where and how to send to a target that has no limits and is not deferred. */
export type TargetAddress = {
  readonly url: string;
  /** Valid secrets of the target, newest first: id and sealed secret (base64), with a space between them. */
  readonly sealedSecrets: readonly string[];
  /** The version of its own headers (headers-version.ts); null: it has none. */
  readonly headersVersion: string | null;
  /** Names its client certificate; null: it has none. */
  readonly certificateVersion: string | null;
};

export type HandOver = {
  /**
   * Begins the hand-over of one transaction. `readAt`: when its targets were read. Undefined: its deliveries take their
   * turns in the queue, because something waits there that goes first, or the process has no room.
   */
  begin(readAt: Date): Handing | undefined;
};

/** The hand-over of one transaction. Disposed of before `send`, it sends nothing: the transaction was rolled back. */
export type Handing = Disposable & {
  /** Whether the worker takes the delivery. Then its job is inserted as a claimed one. */
  take(delivery: FreshDelivery): boolean;
  /** Signs what was taken, while the commit is on its way. Nothing leaves the process. */
  prepare(bodyOf: (eventId: string) => string): void;
  /** Sends what was taken. Call it when the transaction is committed, and the bodies of its events are in the cache. */
  send(): void;
  /** Puts what was taken into the queue: nobody could say in time whether the transaction was committed. */
  giveBack(): void;
};
