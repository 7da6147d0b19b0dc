/**
 * The event types as a tree to choose from: categories, and in them the patterns that cover several types, down to the types. And
 * what a list of names and patterns (`WebhookTarget.eventTypes`) chooses of it.
 */

import { covers } from '../../ui/targets/covers.ts';

export type TypeRow = {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly category: string;
  readonly archivedAt?: string | null;
};

export type Branch =
  | { readonly kind: 'type'; readonly type: TypeRow }
  /** `names`: every type that it covers, in whatever category. */
  | {
      readonly kind: 'pattern';
      readonly pattern: string;
      readonly names: readonly string[];
      readonly branches: readonly Branch[];
    };

export type Category = {
  readonly name: string;
  readonly names: readonly string[];
  readonly branches: readonly Branch[];
};

export type SubscriptionDraft = {
  /** every: also types to come. chosen: `eventTypes`. global: every type for every customer; the rest is kept, but ignored. */
  readonly events: 'every' | 'chosen' | 'global';
  readonly eventTypes: readonly string[];
};

/** chosen: listed by itself. covered: by a pattern. partly: some types below it are chosen. */
export type Choice = 'chosen' | 'covered' | 'partly' | 'none';

/** `all`: the whole catalog, where `types` are what was found in it. */
export function treeOf(types: readonly TypeRow[], all: readonly TypeRow[] = types): Category[] {
  const names = all.map(({ name }) => name);
  const categories = Map.groupBy(types.toSorted(byName), ({ category }) => category);
  return [...categories]
    .map(([name, rows]) => ({ name, names: rows.map((row) => row.name), branches: branchesOf(rows, names, 0) }))
    .toSorted(byName);
}

const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
  one.name < other.name ? -1 : one.name > other.name ? 1 : 0;

/** Types that share their first `depth` words, in order of their names. A type alone below a word needs no pattern. */
function branchesOf(types: readonly TypeRow[], all: readonly string[], depth: number): Branch[] {
  const groups = Map.groupBy(types, ({ name }) => name.split('.', depth + 1).join('.'));
  return [...groups].flatMap(([prefix, rows]): Branch[] => {
    const below = rows.filter(({ name }) => name.startsWith(`${prefix}.`));
    if (below.length < 2) return rows.map((type) => ({ kind: 'type', type }));
    const own = rows.filter(({ name }) => name === prefix).map((type): Branch => ({ kind: 'type', type }));
    const pattern = `${prefix}.*`;
    const names = all.filter((name) => covers(pattern, name));
    return [...own, { kind: 'pattern', pattern, names, branches: branchesOf(below, all, depth + 1) }];
  });
}

const coverOf = (entries: readonly string[], one: string): string | undefined =>
  entries.find((entry) => entry !== one && covers(entry, one));

/** The choice of a name or a pattern. `names`: the types below it. */
export function choiceOf(entries: readonly string[], one: string, names: readonly string[] = []): Choice {
  if (coverOf(entries, one)) return 'covered';
  if (entries.includes(one)) return 'chosen';
  return names.some((name) => entries.some((entry) => covers(entry, name))) ? 'partly' : 'none';
}

/** Adds or takes away a name or a pattern. What a new pattern covers is not listed beside it. */
export function toggle(entries: readonly string[], one: string): string[] {
  if (entries.includes(one)) return entries.filter((entry) => entry !== one);
  return [...entries.filter((entry) => !covers(one, entry)), one].toSorted();
}

/** Chooses all types of a category, or none of them when all are chosen. Patterns stay: they may reach other categories. */
export function toggleAll(entries: readonly string[], names: readonly string[]): string[] {
  const missing = names.filter((name) => choiceOf(entries, name) === 'none');
  if (missing.length > 0) return [...entries, ...missing].toSorted();
  return entries.filter((entry) => !names.includes(entry));
}

/** How many of the types these entries take. */
export const countTaken = (entries: readonly string[], types: readonly TypeRow[]): number =>
  types.filter(({ name }) => entries.some((entry) => covers(entry, name))).length;

/** Types whose name, display name or description has the text, in whatever case. */
export function findTypes(types: readonly TypeRow[], text: string): readonly TypeRow[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return types;
  return types.filter(({ name, displayName, description }) =>
    [name, displayName, description].some((part) => part.toLowerCase().includes(wanted)),
  );
}
