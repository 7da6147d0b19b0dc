/** Event types by their categories, in the order of their names. */
export const byCategory = <Type extends { readonly category: string }>(types: readonly Type[]): [string, Type[]][] =>
  [...Map.groupBy(types, ({ category }) => category)].toSorted(([one], [other]) => (one < other ? -1 : 1));
