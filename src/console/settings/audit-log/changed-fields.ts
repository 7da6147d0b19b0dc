/** What an entry of the audit log says has changed, one line a field. */

export type ChangedField = { readonly name: string; readonly before: string | null; readonly after: string | null };

/** Null: there was no such field on that side, because the thing did not exist. Then fields that hold nothing are left out. */
export function changedFields(before: unknown, after: unknown): readonly ChangedField[] {
  const [old, now] = [Object(before) as Fields, Object(after) as Fields];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const fields = names.map((name) => ({
    name,
    before: before === null ? null : inWords(old[name]),
    after: after === null ? null : inWords(now[name]),
  }));
  return before === null || after === null
    ? fields.filter((field) => (field.before ?? field.after) !== NOTHING)
    : fields;
}

const NOTHING = 'none';

type Fields = Readonly<Record<string, unknown>>;

const inWords = (value: unknown): string => {
  if (value === null || value === undefined) return NOTHING;
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.length === 0 ? NOTHING : value.map(inWords).join(', ');
  return JSON.stringify(value);
};
