/** The result of a run for people: the lines of the table, then a sentence for each line that needs one. */
import type { Row } from './line.ts';
import { show } from './statistics.ts';

const HEADINGS = ['line', 'measured', 'reference', 'ratio', 'budget', 'met'];

export function printTable(rows: readonly Row[]): void {
  const cells = [HEADINGS, ...rows.map(toCells)];
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  console.log(`\n${lines.join('\n')}`);
  const missed = rows.filter(({ isMet, note }) => isMet === false && note);
  const others = rows.filter(({ isMet, note }) => isMet !== false && note);
  if (missed.length > 0) console.log(`\nBudgets missed, and what limits them:\n${notes(missed)}`);
  if (others.length > 0) console.log(`\nNotes:\n${notes(others)}`);
}

const notes = (rows: readonly Row[]): string => rows.map(({ line, note }) => `  - ${line}: ${note}`).join('\n');

function toCells({ line, measured, unit, reference, ratio, budget, isMet }: Row): string[] {
  return [
    line,
    Number.isNaN(measured) ? (isMet === false ? 'failed' : 'not measured') : `${show(measured)} ${unit}`,
    reference ? `${show(reference.value)} ${reference.unit} (${reference.name})` : '',
    ratio === undefined ? '' : show(ratio),
    budget ?? '',
    isMet === undefined ? (budget ? 'not judged' : '') : isMet ? 'yes' : 'NO',
  ];
}
