/** A filter as it is edited: in rows, or as JSON where rows cannot say it. */
import type { PayloadFilterInput } from '../../generated/graphql.ts';
import { filterOf, problemOf, rowsOf, type FilterForm } from './filter-rows.ts';

export type FilterDraft = ({ readonly kind: 'rows' } & FilterForm) | { readonly kind: 'json'; readonly text: string };

export function filterDraftOf(filter: unknown): FilterDraft {
  const form = rowsOf(filter);
  return form ? { kind: 'rows', ...form } : { kind: 'json', text: JSON.stringify(filter, null, 2) };
}

/** Null: no filter. Undefined: it cannot be sent as it is. */
export function filterInputOf(filter: FilterDraft): PayloadFilterInput | null | undefined {
  if (filter.kind === 'json') return parse(filter.text) as PayloadFilterInput | null | undefined;
  return filter.rows.some((row) => problemOf(row) !== null) ? undefined : filterOf(filter);
}

/** Why it cannot be sent as it is; null: it can. */
export function problemOfFilter(filter: FilterDraft): string | null {
  if (filterInputOf(filter) !== undefined) return null;
  return filter.kind === 'json' ? 'This is not JSON.' : 'A condition is not complete.';
}

/** Undefined: the text is not JSON. */
function parse(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
