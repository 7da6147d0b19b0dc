/** A stream of changes that gives only those whose event is wanted, by its body or its tags. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Change } from '../change.ts';
import { createEventVerdicts, type EventRelated, type EventVerdicts, type WantedEvent } from './event-verdicts.ts';
import type { ChangeStream } from '../subscribers/subscription.ts';
import { backoffMs, pause } from '../timing.ts';

/** Returns the stream of the changes of `stream` whose events are wanted. */
export type SelectEvents = <R extends EventRelated>(stream: ChangeStream<R>, wanted: WantedEvent) => ChangeStream<R>;

/** How many changes are judged together. */
const JUDGED_CHANGES = 64;
/** How many changes may be left out before others have their turn. */
const SKIPPED_CHANGES = 256;

/** `onError` hears when PostgreSQL does not answer: streams then wait for it. */
export function createEventSelection(
  options: Parameters<typeof createEventVerdicts>[0] & { readonly onError: (error: Error) => void },
): SelectEvents {
  const verdicts = createEventVerdicts(options);
  return (stream, wanted) => selectedStream(stream, wanted, verdicts, options.onError);
}

function selectedStream<R extends EventRelated>(
  stream: ChangeStream<R>,
  wanted: WantedEvent,
  verdicts: EventVerdicts,
  onError: (error: Error) => void,
): ChangeStream<R> {
  const ending = new AbortController();

  /** Undefined when the stream has ended meanwhile. */
  async function judged(change: Change<R>): Promise<boolean | undefined> {
    for (let failures = 0; !ending.signal.aborted; failures++) {
      const known = verdicts.find(change, wanted);
      if (known !== undefined) return known;
      try {
        await verdicts.judge([change, ...stream.upcoming().slice(0, JUDGED_CHANGES - 1)], wanted);
      } catch (error) {
        onError(error as Error);
        await pause(backoffMs(failures), ending.signal);
      }
    }
    return undefined;
  }

  const selected: ChangeStream<R> = {
    [Symbol.asyncIterator]: () => selected,
    async next() {
      for (let skipped = 1; ; skipped++) {
        const step = await stream.next();
        if (step.done || (await judged(step.value))) return step;
        if (skipped % SKIPPED_CHANGES === 0) await nextTurn();
      }
    },
    upcoming() {
      const next = stream.upcoming();
      const unknown = next.findIndex((change) => verdicts.find(change, wanted) === undefined);
      const known = unknown < 0 ? next : next.slice(0, unknown);
      return known.filter((change) => verdicts.find(change, wanted));
    },
    lag: stream.lag,
    return() {
      ending.abort();
      return stream.return();
    },
    throw(error) {
      ending.abort();
      return stream.throw(error);
    },
  };
  return selected;
}
