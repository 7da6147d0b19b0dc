/** A benchmark: one line of the table, or a family of lines that share a set-up. */
import type { Stage } from './stage.ts';

export type LineOptions = {
  /** Shorter runs: figures are rougher, and large histories smaller. */
  readonly isQuick: boolean;
  /** Progress, for whoever waits. */
  readonly say: (text: string) => void;
  /** On the embedded server, with `--pg`: for lines that compare it with the server of `--pg`. */
  readonly embedded: () => Promise<Stage>;
  /** The command of `--peer`. */
  readonly peer: string | undefined;
};

export type Row = {
  readonly line: string;
  readonly measured: number;
  readonly unit: string;
  /** Measured in the same run. */
  readonly reference?: { readonly name: string; readonly value: number; readonly unit: string };
  /** Of measured to reference. */
  readonly ratio?: number;
  /** In words; undefined: a line that only informs. */
  readonly budget?: string;
  readonly isMet?: boolean;
  /** What the figure was made of, or what limits it. */
  readonly note?: string;
};

export type Line = {
  /** `--only` selects by it. */
  readonly name: string;
  readonly budget: string;
  /** Takes more than 20 s on a quiet machine: runs with `--long` only, or by its name. */
  readonly isLong?: boolean;
  /** Measures the model of src/app/GROWING.md: runs with `--grow` only, or by its name. */
  readonly isForGrowth?: boolean;
  /** Compares the server of `--pg` with the embedded one: needs both. */
  readonly isForPg?: boolean;
  /** Everything that is started on the stage ends with the line. */
  run(stage: Stage, options: LineOptions): Promise<Row[]>;
};

type Reference = NonNullable<Row['reference']>;

/** A row that is judged by its ratio to a reference. */
export function atLeast(
  budget: number,
  row: Pick<Row, 'line' | 'measured' | 'unit'> & { readonly reference: Reference; readonly note?: string },
): Row {
  const ratio = row.measured / row.reference.value;
  return { ...row, ratio, budget: `at least ${budget}`, isMet: ratio >= budget };
}

/** A row that is judged as it is. */
export const atMost = (most: number, row: Omit<Row, 'budget' | 'isMet'>): Row => ({
  ...row,
  budget: `at most ${most.toLocaleString('en')} ${row.unit}`,
  isMet: row.measured <= most,
});

/** A row whose run did not come to what its budget is about: the budget is shown, and neither met nor missed. */
export const notJudged = (most: number, row: Omit<Row, 'budget' | 'isMet' | 'note'>, reason: string): Row => ({
  ...row,
  budget: `at most ${most.toLocaleString('en')} ${row.unit}`,
  note: `not judged: ${reason}`,
});

/** A row whose figure this run could not make. `recorded`: what another run has shown. */
export const notMeasured = (
  row: Pick<Row, 'line' | 'budget'> & { readonly recorded: Reference; readonly reason: string },
): Row => {
  const { recorded: reference, reason, ...rest } = row;
  return { ...rest, measured: NaN, unit: '', reference, note: `not measured: ${reason}` };
};

/** A row that may be this many times its reference. */
export function atMostTimes(
  most: number,
  row: Pick<Row, 'line' | 'measured' | 'unit'> & { readonly reference: Reference; readonly note?: string },
): Row {
  const ratio = row.measured / row.reference.value;
  return { ...row, ratio, budget: `at most ${most}x`, isMet: ratio <= most };
}
