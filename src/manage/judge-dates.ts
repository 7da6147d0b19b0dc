/** Whether the dates of a row are the dates that were meant. Pure. */
import { idTime } from '../domain/ksuid.ts';

export type DatedRow = {
  /** A KSUID, made when the first date was taken. */
  readonly id: string;
  /** The dates, all written by one statement; null where the row has no such date. The first is never null. */
  readonly stored: readonly (Date | null)[];
  /** For each date, all dates that would be stored like this if Prisma wrote them in the zone. */
  readonly meant: readonly (readonly Date[])[];
};

export type DateVerdict =
  | { readonly kind: 'right' }
  /** `dates` are the right dates, in the order of `stored`. */
  | { readonly kind: 'wrong'; readonly dates: readonly (Date | null)[] }
  | { readonly kind: 'undecidable'; readonly reason: string };

/** Between the moment in an id and its row's date far less time passes. Offsets of zones differ by 15 minutes or more. */
const TOLERANCE_MS = 5 * 60_000;

/** `zone` is named in the reasons. */
export function judgeDates({ id, stored, meant }: DatedRow, zone: string): DateVerdict {
  const madeAt = idTime(id);
  const isThen = (date: Date) => Math.abs(date.getTime() - madeAt.getTime()) <= TOLERANCE_MS;
  const [first, ...others] = stored;
  const [ofFirst, ...ofOthers] = meant;
  const shifted = ofFirst!.find(isThen);
  if (!isThen(first!) && !shifted) {
    const reason = `its id was made at ${text(madeAt)}, but ${text(first!)} is stored, which ${zone} does not explain`;
    return { kind: 'undecidable', reason };
  }
  if (!shifted) return { kind: 'right' };

  const dates: (Date | null)[] = [shifted];
  for (const [index, date] of others.entries()) {
    const candidates = ofOthers[index]!;
    if (date && candidates.length !== 1) return { kind: 'undecidable', reason: ambiguous(date, candidates, zone) };
    dates.push(date && candidates[0]!);
  }
  if (dates.every((date, index) => date?.getTime() === stored[index]?.getTime())) return { kind: 'right' };
  if (!isThen(first!)) return { kind: 'wrong', dates };
  const reason = `${zone} was at UTC when it was made, so nothing tells whether ${dates.slice(1).map(text)} was meant`;
  return { kind: 'undecidable', reason };
}

/** The reason where clocks were set forward: two times are stored as one. */
function ambiguous(date: Date, candidates: readonly Date[], zone: string): string {
  const all = candidates.map(text).join(' or ') || 'nothing';
  return `the row is wrong, and the ${text(date)} in it can mean ${all}, because clocks were changed then in ${zone}`;
}

const text = (date: Date | null): string => date?.toISOString() ?? 'none';
