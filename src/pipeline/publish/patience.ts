/**
 * Answers a publisher before its client gives up, whatever PostgreSQL does.
 *
 *     COMMIT was not sent in time    SERVICE_UNAVAILABLE, and it is not sent any more: nothing is published
 *     COMMIT was not answered        OutcomeUnknown: repeated with the same key, the event is published once
 */
import { OutcomeUnknown } from '../../database/commit.ts';
import { RequestError } from '../../errors.ts';

/** A caller's wait for the answer. */
export type Wait<Answer = unknown> = {
  /** True when COMMIT is on its way, so the event may be published. */
  isSent: boolean;
  /** True when the caller has its answer. */
  readonly isOver: boolean;
  /** Answers the caller now, because its event is committed, whatever happens to others. Does nothing when it has its answer. */
  answer(value: Answer): void;
  /** Answers the caller now; does nothing when it has its answer. */
  refuse(error: Error): void;
};

/** The error of a transaction that was not sent, because a caller was told meanwhile that nothing is published. */
export class GivenUp extends Error {}

/** Marks these callers' COMMIT as sent; throws GivenUp if one has its answer already. For `beforeSend` of their transaction. */
export function sendAll(waits: readonly Wait[]): void {
  if (waits.some(({ isOver }) => isOver)) throw new GivenUp('A caller of this transaction has been answered already');
  for (const wait of waits) wait.isSent = true;
}

/** Runs `publish`, and answers within `patienceMs`. `onLate` takes a function to call if nothing was sent by then. */
export function answerInTime<T>(
  patienceMs: number,
  publish: (wait: Wait<T>, onLate: (withdraw: () => void) => void) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let withdraw = () => {};
    const wait = {
      isSent: false,
      isOver: false,
      answer(value: T) {
        end();
        resolve(value);
      },
      refuse(error: unknown) {
        end();
        reject(error instanceof OutcomeUnknown ? outcomeUnknown(error) : error);
      },
    };
    const end = () => {
      wait.isOver = true;
      clearTimeout(timer);
    };
    const timer = setTimeout(() => {
      if (!wait.isSent) withdraw();
      const cause = new Error(`The database did not answer within ${patienceMs} ms`);
      wait.refuse(wait.isSent ? new OutcomeUnknown(cause, ended) : notPublished(cause));
    }, patienceMs);
    const publishing = publish(wait, (late) => (withdraw = late));
    const ended = publishing.then(
      (value) => wait.answer(value),
      (error: unknown) => wait.refuse(error),
    );
  });
}

function notPublished(cause: Error): RequestError {
  const message = 'Nothing was published: the database did not take it in time. Try again.';
  return Object.assign(new RequestError('SERVICE_UNAVAILABLE', message), { cause });
}

const outcomeUnknown = ({ cause, ended }: OutcomeUnknown): OutcomeUnknown =>
  new OutcomeUnknown(
    cause,
    ended,
    'The event may or may not have been published: the database has not confirmed it. Repeat the request with the same ' +
      'idempotencyKey or Idempotency-Key, and it is published once. Without a key, look for the event before you repeat it.',
  );
