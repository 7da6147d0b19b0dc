/** A job of the queue: one attempt of a delivery, to be made once it is due. */

/** The name of the queue in pg-boss. */
export const QUEUE = 'attempts';

export type NewJob = {
  readonly id: string;
  readonly deliveryId: string;
  readonly startAfter: Date;
  /** See priority.ts. Default: that of a retry, due at `startAfter`. */
  readonly priority?: number;
};

export type Job = {
  readonly id: string;
  readonly deliveryId: string;
  /** Names this claim of the job: a stale claim can no longer touch or remove it. */
  readonly retryCount: number;
  /** How many of the claims before were given back; the others were interrupted. Default: 0. */
  readonly givenBack?: number;
};

/** Whether an earlier claim of the job was interrupted: its attempt may have been begun. */
export const wasInterrupted = ({ retryCount, givenBack = 0 }: Job): boolean => retryCount > givenBack;
