import { Text } from '../../ui/text/text.tsx';
import { visibleLines } from '../../ui/visible.ts';
import { needsValue, OPERATORS, rowsOf } from './filter-rows.ts';

/** A filter as somebody reads it: conditions in words, or JSON where words do not suffice. */
export function FilterWords({ filter }: { readonly filter: unknown }) {
  const form = rowsOf(filter);
  if (!form) {
    return (
      <pre tabIndex={0} dir="ltr" aria-label="Filter">
        {visibleLines(JSON.stringify(filter, null, 2))}
      </pre>
    );
  }
  return (
    <>
      {form.rows.length > 1 && (form.join === 'all' ? 'All of these hold:' : 'Any of these holds:')}
      <ul className="conditions">
        {form.rows.map(({ path, operator, value }, nth) => (
          <li key={nth}>
            <code>
              <Text value={path} />
            </code>{' '}
            {OPERATORS[operator]}{' '}
            {needsValue(operator) && (
              <code>
                <Text value={value} />
              </code>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
