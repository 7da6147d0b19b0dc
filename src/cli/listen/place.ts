/**
 * How far a listener is in the stream, on disk. Everything up to `cursor` is done; `done` names the events after it that are done
 * too, because several are under way at once and end in any order.
 *
 *     stream   e1 e2 e3 e4 e5 e6        e3 and e6 are under way
 *     cursor        ▲                   of e2
 *     done              e4 e5
 *
 * Each end of an event is on disk before the next event begins. So a listener that is killed repeats only what was under way.
 */
import { CommandError } from '../command.ts';
import { readPrivateFile, writePrivateFile } from '../service/private-file.ts';

export type SavedPlace = {
  readonly cursor: string;
  /** RFC 3339: older events are left out; null: none is. */
  readonly since: string | null;
  readonly done: readonly string[];
  /** RFC 3339: when the last event ended, or the listener began. */
  readonly at: string;
};

export type ListenerPlace = {
  /** Notes that the event is next in the stream. False when it is done already. */
  begin(cursor: string, eventId: string): boolean;
  /** Notes the end of an event that has begun, on disk. */
  end(eventId: string, at: Date): void;
  /** How many events have begun since the first one that has not ended. */
  readonly ahead: number;
};

type Step = { readonly cursor: string; readonly eventId: string; isDone: boolean };

/** Undefined when there is no file. Throws a CommandError when it is damaged. */
export function readPlace(path: string): SavedPlace | undefined {
  const text = readPrivateFile(path);
  if (text === undefined) return undefined;
  const place = parsePlace(text);
  if (place) return place;
  const cure = 'Remove the file, and say with --since where to begin: without it, with the next event';
  throw new CommandError(`${path}: expected the place of a listener, as \`hookcast listen\` writes it. ${cure}`);
}

function parsePlace(text: string): SavedPlace | undefined {
  try {
    const { cursor, since, done, at } = JSON.parse(text) as Record<keyof SavedPlace, unknown>;
    const areTexts = [cursor, since ?? '', at, ...(done as unknown[])].every((each) => typeof each === 'string');
    return areTexts ? ({ cursor, since, done, at } as SavedPlace) : undefined;
  } catch {
    return undefined;
  }
}

/** Begins at a place, and writes it at once: what is published from now on is found after any stop. */
export function openPlace(path: string, start: SavedPlace): ListenerPlace {
  let { cursor } = start;
  const doneBefore = new Set(start.done);
  const steps: Step[] = [];
  const save = (at: string): void => {
    const done = [...doneBefore, ...steps.filter(({ isDone }) => isDone).map(({ eventId }) => eventId)];
    writePrivateFile(path, `${JSON.stringify({ cursor, since: start.since, done, at } satisfies SavedPlace)}\n`);
  };
  const advance = (): void => {
    while (steps[0]?.isDone) cursor = steps.shift()!.cursor;
  };
  save(start.at);
  return {
    begin(next, eventId) {
      const isDone = doneBefore.delete(eventId);
      steps.push({ cursor: next, eventId, isDone });
      if (isDone) advance();
      return !isDone;
    },
    end(eventId, at) {
      steps.find((step) => step.eventId === eventId && !step.isDone)!.isDone = true;
      advance();
      save(at.toISOString());
    },
    get ahead() {
      return steps.length;
    },
  };
}
