/**
 * What a history of changes is made of. There is one of deliveries and one of webhook targets, each in a table of its own;
 * everything else in this folder serves both.
 */
import { checkStorable } from '../domain/text.ts';
import { RequestError } from '../errors.ts';
import { markOf, type CursorKind, type StreamPosition } from './cursors/cursor.ts';
import type { Channel } from './doorbell.ts';

/** What every change says. */
export type Recorded = { readonly organizationId: string; readonly occurredAt: Date };

/** A recorded change and its place. */
export type PlacedChange<R extends Recorded> = R & { readonly position: StreamPosition };

/**
 * A committed change, as every live subscriber is given it: the same object, so that what is loaded for it can be
 * remembered on it (WeakMap). The feed itself does not keep it alive.
 */
export type Change<R extends Recorded> = PlacedChange<R> & {
  /** Resumes after this change. */
  readonly cursor: string;
};

/** Which changes of one organization a subscriber wants. What is not named does not matter; an empty list wants none. */
export type ChangeFilter = { readonly organizationId: string };

/** The place of a row, as Postgres sends it. */
export type PositionRow = { readonly xid: string; readonly seq: string };

/** A table of changes: (xid, seq) is its primary key, and both have defaults. Where it stands under the name `c`. */
export type ChangeTable<R extends Recorded, F extends ChangeFilter, Row extends PositionRow = any> = {
  readonly name: string;
  /** Begins the names of its prepared statements, and of its floor in `settings`. */
  readonly prefix: string;
  readonly cursors: CursorKind;
  /** Rung after each commit that adds to it. */
  readonly channel: Channel;
  /** Of a Row. Order by `c.xid, c.seq`: an output column that was cast would sort as text. */
  readonly columns: string;
  readonly toRecorded: (row: Row) => R;
  /**
   * What tells a change from every other, as text. Only of columns that never change: cursors depend on it, and a release
   * that alters it expires them all.
   */
  readonly content: (change: R) => string;
  readonly matches: (filter: F, change: R) => boolean;
  /** The same rule in SQL: a condition for each field of the filter that is given, on its value. */
  readonly conditions: readonly (readonly [Exclude<keyof F, 'organizationId'> & string, (value: string) => string])[];
  /** Fields of the filter that name one id, the narrowest first. */
  readonly ids: readonly (keyof F & keyof R & string)[];
};

/** Returns the function that reads the rows of a table. `epoch`: of the database that they come from. */
export function createRowReader<R extends Recorded, Row extends PositionRow>(
  { toRecorded, content }: Pick<ChangeTable<R, any, Row>, 'toRecorded' | 'content'>,
  epoch: string,
): (row: Row) => PlacedChange<R> {
  return (row) => {
    const recorded = toRecorded(row);
    const mark = markOf(content(recorded), epoch);
    return { ...recorded, position: { xid: BigInt(row.xid), seq: BigInt(row.seq), mark } };
  };
}

/** The last position that was deleted from a table is kept under this name in `settings`. */
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
