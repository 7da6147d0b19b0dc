/**
 * How long a publisher waits for its answer: less than its client does, whatever PostgreSQL does.
 *
 *     COMMIT was not sent in time    SERVICE_UNAVAILABLE, and it is not sent any more: nothing is published
 *     COMMIT was not answered        OutcomeUnknown: repeated with the same key, the event is published once
 */
import { OutcomeUnknown } from '../../database/commit.ts';
import { RequestError } from '../../errors.ts';

/** A caller's wait for the answer. */
export type Wait<Answer = unknown> = {
  /** COMMIT is on its way, so the event may be published. */
  isSent: boolean;
  /** The caller has its answer. */
  readonly isOver: boolean;
  /** Gives the caller its answer now: its event is committed, whatever becomes of others. Nothing when it is answered. */
  answer(value: Answer): void;
  /** Answers the caller now; nothing when it is answered. */
  refuse(error: Error): void;
};

/** A transaction was not sent, because a caller was told meanwhile that nothing is published. */
export class GivenUp extends Error {}

/** For `beforeSend` of the transaction that answers these callers. */
export function sendAll(waits: readonly Wait[]): void {
  if (waits.some(({ isOver }) => isOver)) throw new GivenUp('A caller of this transaction waits no longer');
  for (const wait of waits) wait.isSent = true;
}

/** Runs `publish`, and answers within `patienceMs`. `onLate` takes what is to be done when nothing was sent by then. */
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
