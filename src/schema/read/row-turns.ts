/**
 * Lets an operation go on with some of the rows that it was given, and with the next ones after a pause. All rows of a
 * statement come at once: a page of 300 deliveries, with what each of them names, takes the event loop for 35 ms.
 */
import type { Loaders } from './loaders.ts';

/** About 1 ms of the event loop. */
export const ROWS_PER_TURN = 16;

/** `pause`: fairness/fair-share.ts. Undefined: go on now. */
export type Pause = () => Promise<void> | undefined;

type Load = (...key: never[]) => Promise<unknown>;

/** The loaders, giving ROWS_PER_TURN of their answers at a time. */
export function inRowTurns(loaders: Loaders, pause: Pause): Loaders {
  const inTurn = createRowTurns(pause);
  const slow =
    (load: Load): Load =>
    (...key) =>
      inTurn(load(...key));
  const all = Object.entries(loaders) as [string, Load | { readonly load: Load }][];
  const slowed = all.map(([name, loader]) => [
    name,
    typeof loader === 'function' ? slow(loader) : { load: slow((...key) => loader.load(...key)) },
  ]);
  return Object.fromEntries(slowed) as Loaders;
}

/**
 * Returns a function that gives what was loaded: at once, or when it is its turn. The turns of an operation grow with the rows
 * that it was given: the largest one has some hundred pauses, and ends well before its reading does (database/read/reading.ts).
 */
export function createRowTurns(pause: Pause): <T>(loading: Promise<T>) => Promise<T> {
  let [given, untilGiven] = [0, 0];
  let turn: Promise<void> | undefined;
  return async (loading) => {
    const row = await loading;
    if (given === untilGiven) {
      untilGiven += Math.max(ROWS_PER_TURN, given >> 6);
      turn = turn ? turn.then(pause) : pause();
    }
    given++;
    await turn;
    return row;
  };
}
