/** Rows that other rows name by their ids. */
import { Kind, type GraphQLResolveInfo } from 'graphql';

/** `load`, unless the operation selects nothing but `id` and `__typename`: then the id is the whole row it needs. */
export function rowOf<Row extends { readonly id: string }>(
  id: string,
  { fieldNodes }: GraphQLResolveInfo,
  load: () => Promise<Row>,
): Row | Promise<Row> {
  const selections = fieldNodes.flatMap(({ selectionSet }) => selectionSet?.selections ?? []);
  const isIdEnough = selections.every((field) => field.kind === Kind.FIELD && NEED_NO_ROW.has(field.name.value));
  return isIdEnough ? ({ id } as Row) : load();
}

const NEED_NO_ROW = new Set(['id', '__typename']);

/** A row that another row names, so that it must be there. Throws when it is not. */
export async function present<T>(row: Promise<T | null>, what: string): Promise<T> {
  const found = await row;
  if (found === null) throw new Error(`The ${what} that a row names is gone`);
  return found;
}
