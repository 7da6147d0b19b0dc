/** The rules by which changes enter a list. They are pure, so that they can be read and tested alone. */

export type ListRules<Item> = {
  /** What tells items apart. */
  readonly key: (item: Item) => string;
  /** Negative when the first item stands before the second. It must not change while an item stays in the list. */
  readonly order: (one: Item, other: Item) => number;
  /** Whether an item belongs in the list: the filter of the list query, once more. */
  readonly keep: (item: Item) => boolean;
  /** The greatest number of items. */
  readonly limit: number;
};

/** The first items of the whole list. */
export type ListPart<Item> = {
  readonly items: readonly Item[];
  /** The last item up to which nothing is missing; null when the whole list is here. What stands behind it is not known. */
  readonly edge: Item | null;
};

/** The part that a list query gave. `isWhole`: whether there are no more items than these. */
export function startList<Item>(loaded: readonly Item[], isWhole: boolean, rules: ListRules<Item>): ListPart<Item> {
  const sorted = [...loaded].sort(rules.order);
  return cut({ items: sorted.filter(rules.keep), edge: isWhole ? null : (sorted.at(-1) ?? null) }, rules);
}

/** The part after these changes; `changed` has the newest state of each item that changed. */
export function mergeList<Item>(
  part: ListPart<Item>,
  changed: ReadonlyMap<string, Item>,
  rules: ListRules<Item>,
): ListPart<Item> {
  const { key, keep, order } = rules;
  const isKnown = (item: Item): boolean => part.edge === null || order(item, part.edge) <= 0;
  const stay = part.items.filter((item) => !changed.has(key(item)));
  const enter = [...changed.values()].filter((item) => keep(item) && isKnown(item));
  if (enter.length === 0 && stay.length === part.items.length) return part;
  return cut({ items: [...stay, ...enter].sort(order), edge: part.edge }, rules);
}

/**
 * The part with the items that a later query gave, and with all changes since that query was sent. `loaded` begins at or before the
 * edge: what it says of items up to the edge is left aside, because the stream has told more about them.
 */
export function extendList<Item>(
  part: ListPart<Item>,
  loaded: readonly Item[],
  isWhole: boolean,
  changed: ReadonlyMap<string, Item>,
  rules: ListRules<Item>,
): ListPart<Item> {
  const { edge, items } = part;
  if (edge === null) return part;
  const behind = loaded.filter((item) => rules.order(item, edge) > 0).sort(rules.order);
  const next = isWhole ? null : (behind.at(-1) ?? edge);
  return mergeList(cut({ items: [...items, ...behind.filter(rules.keep)], edge: next }, rules), changed, rules);
}

function cut<Item>({ items, edge }: ListPart<Item>, { limit }: ListRules<Item>): ListPart<Item> {
  return items.length <= limit ? { items, edge } : { items: items.slice(0, limit), edge: items[limit - 1]! };
}
