/** SQL conditions that the filters of several lists share. */
import { Prisma } from '../../../prisma/generated/client.ts';
import { isPattern, prefixOf } from '../../domain/event-types/event-type-pattern.ts';
import { endOfIdsBefore, firstIdFrom } from '../../domain/ksuid.ts';

export const NOTHING = Prisma.sql`false`;

export const allOf = (conditions: readonly (Prisma.Sql | undefined)[]): Prisma.Sql =>
  Prisma.join(
    conditions.filter((condition) => condition !== undefined),
    ' and ',
  );

/** Whether rows can hold all these texts: PostgreSQL has neither NUL nor half a surrogate pair, and refuses both. */
export const canMatch = (...texts: readonly (string | readonly string[] | null | undefined)[]): boolean =>
  texts.flat().every((text) => text == null || (!text.includes('\0') && text.isWellFormed()));

/** Rows whose event type one of the names and patterns stands for. */
export function ofTypes(
  entries: readonly string[] | null | undefined,
  column = Prisma.sql`event_type`,
): Prisma.Sql | undefined {
  if (entries == null) return undefined;
  const prefixes = entries.filter(isPattern).map(prefixOf);
  const named = Prisma.sql`${column} = any(${entries})`;
  return prefixes.length === 0 ? named : Prisma.sql`(${named} or ${column} ^@ any(${prefixes}))`;
}

/** A half-open range of time: `gte` <= value < `lt`. */
export type DateTimeRange = { readonly gte?: Date | null | undefined; readonly lt?: Date | null | undefined };

/** `column` says exactly which rows; the id, which orders the list's index, says where to look for them. */
export function createdWithin(
  range: DateTimeRange | null | undefined,
  column = Prisma.sql`created_at`,
): Prisma.Sql | undefined {
  const { gte, lt } = range ?? {};
  const conditions = [
    gte && Prisma.sql`id >= ${firstIdFrom(gte)} and ${column} >= ${gte}`,
    lt && Prisma.sql`id < ${endOfIdsBefore(lt)} and ${column} < ${lt}`,
  ].filter((condition) => condition != null);
  return conditions.length > 0 ? allOf(conditions) : undefined;
}
