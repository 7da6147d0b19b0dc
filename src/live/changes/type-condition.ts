/**
 * The condition of streams on the event type of a change, in memory and in SQL: names, and patterns
 * (domain/event-types/event-type-pattern.ts).
 */
import { standsFor } from '../../domain/event-types/event-type-pattern.ts';

export const isOfTypes = (entries: readonly string[], eventType: string): boolean =>
  entries.some((entry) => standsFor(entry, eventType));

/** `value` is the placeholder of the list. PostgreSQL works out the prefixes of its patterns once for a statement. */
export const typeCondition = (
  value: string,
): string => `(c.event_type = any (${value}::text[]) or c.event_type ^@ any (array(
    select left(entry, -1) from unnest(${value}::text[]) as entries (entry) where entry like '%.*')))`;
