/**
 * What a history of changes is made of. There are four, each in a table of its own: of deliveries, of webhook targets, of
 * published events, and of replays. Everything else in this folder serves all of them.
 */
import { checkStorable } from '../domain/text.ts';
import { RequestError } from '../errors.ts';
import { markOf, type CursorKind, type StreamPosition } from './cursors/cursor.ts';
import type { Channel } from './doorbell.ts';

/** What every change has. */
export type Recorded = { readonly organizationId: string; readonly occurredAt: Date };

/** A recorded change and its place. */
export type PlacedChange<R extends Recorded> = R & { readonly position: StreamPosition };

/**
 * A committed change as subscribers receive it. All live subscribers get the same object, so data loaded for it can be
 * remembered on it (WeakMap). The feed itself does not keep it alive.
 */
export type Change<R extends Recorded> = PlacedChange<R> & {
  /** The cursor that resumes after this change. */
  readonly cursor: string;
};

/**
 * Which changes of one organization a subscriber wants. A field that is left out does not filter; an empty list matches
 * nothing.
 */
export type ChangeFilter = { readonly organizationId: string };

/** The place of a row, as Postgres sends it. */
export type PositionRow = { readonly xid: string; readonly seq: string };

/** A table of changes, with the alias `c` in SQL. Its primary key is (xid, seq), and both columns have defaults. */
export type ChangeTable<R extends Recorded, F extends ChangeFilter, Row extends PositionRow = any> = {
  readonly name: string;
  /** The start of the names of its prepared statements, and of its floor in `settings`. */
  readonly prefix: string;
  readonly cursors: CursorKind;
  /** The doorbell's channel, rung after each commit that adds changes. */
  readonly channel: Channel;
  /** The columns of a Row, as SQL. Order by `c.xid, c.seq`: an output column that was cast would sort as text. */
  readonly columns: string;
  readonly toRecorded: (row: Row) => R;
  /**
   * Returns, as text, what tells a change from every other. It uses only columns that never change, because cursors
   * depend on it: a release that alters this text expires all cursors.
   */
  readonly content: (change: R) => string;
  /** What only the row of the event tells, its tags, is not asked here: selection/selected-stream.ts does it. */
  readonly matches: (filter: F, change: R) => boolean;
  /** The same rule in SQL: for each field of the filter, the condition on its value. */
  readonly conditions: readonly (readonly [Exclude<keyof F, 'organizationId'> & string, (value: string) => string])[];
  /** Fields of the filter that name one id, the narrowest first. */
  readonly ids: readonly (keyof F & keyof R & string)[];
};

/** Returns the function that turns rows of the table into changes. `epoch` is that of the database of the rows. */
export function createRowReader<R extends Recorded, Row extends PositionRow>(
  { toRecorded, content }: Pick<ChangeTable<R, any, Row>, 'toRecorded' | 'content'>,
  epoch: string,
): (row: Row) => PlacedChange<R> {
  const shareTexts = createTextSharer<R>();
  return (row) => {
    const recorded = toRecorded(row);
    shareTexts(recorded);
    const mark = markOf(content(recorded), epoch);
    return { ...recorded, position: { xid: BigInt(row.xid), seq: BigInt(row.seq), mark } };
  };
}

/** Texts that are remembered of each field. */
const MOST_TEXTS = 256;

/** Keeps equal texts once: pg makes each anew for each row, and thousands of changes of a few targets are in memory. */
function createTextSharer<R extends object>(): (change: R) => void {
  const textsOf = new Map<string, Map<unknown, unknown>>();
  return (change) => {
    for (const key in change) {
      const value = change[key];
      if (typeof value !== 'string') continue;
      let texts = textsOf.get(key);
      if (!texts) textsOf.set(key, (texts = new Map()));
      const known = texts.get(value);
      if (known !== undefined) change[key] = known as typeof value;
      else {
        if (texts.size === MOST_TEXTS) texts.clear();
        texts.set(value, value);
      }
    }
  };
}

/** The name in `settings` under which the last position that was deleted from a table is kept. */
export const floorName = ({ prefix }: { readonly prefix: string }): string => `${prefix}_floor`;

/** Throws BAD_USER_INPUT for text that Postgres cannot compare with. */
export function requireStorable(filter: ChangeFilter): void {
  for (const [field, texts] of Object.entries(filter)) {
    for (const text of [texts].flat()) {
      const [error] = checkStorable(field, text);
      if (error)
        throw new RequestError('BAD_USER_INPUT', `\`filter.${field}\`: ${error.message}`, { argument: 'filter' });
    }
  }
}
