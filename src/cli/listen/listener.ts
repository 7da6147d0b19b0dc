/**
 * Forwards the events of a stream until it is stopped.
 *
 *     stream ──▶ begin ──▶ send ──▶ end (on disk) ──▶ print
 *                  ▲                 │
 *                  └── the next one, when fewer than `concurrency` are under way
 */
import type { Results } from '../../client/index.ts';
import type { Forwarder, Outcome, ForwardableEvent } from './forward.ts';
import type { StreamedEvent } from './open-stream.ts';
import type { ListenerPlace } from './place.ts';

type Options = {
  readonly events: Results<StreamedEvent>;
  readonly place: ListenerPlace;
  readonly forwarder: Forwarder;
  readonly concurrency: number;
  /** RFC 3339: older events are left out; null: none is. */
  readonly since: string | null;
  readonly onOutcome: (outcome: Outcome) => void;
  readonly onErased: (eventId: string) => void;
};

export type Listener = {
  /** Resolves when the stream has ended and nothing is under way. Rejects when the stream cannot go on. */
  run(): Promise<void>;
  /** Sends the newest event once more. False when there was none yet. */
  sendLastAgain(): boolean;
  /** How many requests are under way. */
  readonly underWay: number;
};

/** How many events may have begun since the first that has not ended: their ids are in the file of the place. */
const MAX_AHEAD = 1_000;

export function createListener(options: Options): Listener {
  const { events, place, forwarder, concurrency, since, onOutcome, onErased } = options;
  const underWay = new Set<Promise<void>>();
  let last: { readonly event: ForwardableEvent; attempts: number } | undefined;
  let failure: unknown;

  async function send(event: ForwardableEvent, attempt: number, onEnd: (outcome: Outcome) => void): Promise<void> {
    const outcome = await forwarder.send(event, attempt);
    if (!outcome) return; // Interrupted: the next listener sends it again.
    onEnd(outcome);
    onOutcome(outcome);
  }

  function start(work: Promise<void>): void {
    const watched = work
      .catch((error: unknown) => {
        failure ??= error; // The place could not be written, for example.
        return void events.return?.();
      })
      .finally(() => underWay.delete(watched));
    underWay.add(watched);
  }

  function take(
    cursor: string,
    { id, body, createdAt, erasedAt, eventType }: StreamedEvent['eventPublished']['event'],
  ): void {
    if (!place.begin(cursor, id)) return;
    const isOlder = since !== null && Date.parse(createdAt) < Date.parse(since);
    if (isOlder || erasedAt !== null) {
      place.end(id, new Date(createdAt));
      if (!isOlder) onErased(id);
      return;
    }
    const event = { id, body, eventType: eventType.name };
    last = { event, attempts: 1 };
    start(send(event, 1, ({ at }) => place.end(id, at)));
  }

  return {
    async run() {
      try {
        for await (const { data, cursor } of events) {
          take(cursor, data.eventPublished.event);
          while (underWay.size >= concurrency || (place.ahead >= MAX_AHEAD && underWay.size > 0)) {
            await Promise.race(underWay);
          }
        }
      } finally {
        await Promise.all(underWay);
      }
      if (failure) throw failure;
    },
    sendLastAgain() {
      if (!last) return false;
      last.attempts++;
      start(send(last.event, last.attempts, () => {}));
      return true;
    },
    get underWay() {
      return underWay.size;
    },
  };
}
