/**
 * Patterns of event types. A list of event types, of a target or of a filter, has entries of two kinds: names and patterns. The
 * pattern `wallet.*` stands for every event type whose name begins with `wallet.`: for wallet.created and wallet.policy.updated,
 * not for wallet. `*` alone is no pattern.
 */
const ENDING = '.*';

export const isPattern = (entry: string): boolean => entry.endsWith(ENDING);

/** The beginning of the names that a pattern stands for: `wallet.` for `wallet.*`. */
export const prefixOf = (pattern: string): string => pattern.slice(0, -1);

/** The patterns that stand for the event type, the narrowest first. */
export function patternsOf(eventType: string): string[] {
  const words = eventType.split('.');
  return words.slice(1).map((_, index) => words.slice(0, words.length - 1 - index).join('.') + ENDING);
}

/** Whether an entry of a list of event types, which is a name or a pattern, stands for the event type. */
export const standsFor = (entry: string, eventType: string): boolean =>
  entry === eventType || (isPattern(entry) && eventType.startsWith(prefixOf(entry)));
