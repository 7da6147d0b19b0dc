/** Whether the dates of a row are those that were meant. Pure. */
import { idTime } from '../domain/ksuid.ts';

export type DatedRow = {
  /** A KSUID, made when the first date was taken. */
  readonly id: string;
  /** The dates, all written by one statement; null: the row has none. The first is never null. */
  readonly stored: readonly (Date | null)[];
  /** For each of them, every date that would be stored so if Prisma wrote it in the zone. */
  readonly meant: readonly (readonly Date[])[];
};

export type DateVerdict =
  | { readonly kind: 'right' }
  /** `dates` are the right ones, in the order of `stored`. */
  | { readonly kind: 'wrong'; readonly dates: readonly (Date | null)[] }
  | { readonly kind: 'undecidable'; readonly reason: string };

/** From the moment in an id to its row's date: far less passes. Offsets of zones are 15 minutes apart, or more. */
const TOLERANCE_MS = 5 * 60_000;

/** `zone` is for the reasons. */
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

/** Where clocks are set forward, two times become one. */
function ambiguous(date: Date, candidates: readonly Date[], zone: string): string {
  const all = candidates.map(text).join(' or ') || 'nothing';
  return `it is wrong, and the ${text(date)} beside it can mean ${all}, for clocks were changed then in ${zone}`;
}

const text = (date: Date | null): string => date?.toISOString() ?? 'none';
