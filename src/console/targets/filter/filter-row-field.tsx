import { Errors } from '../../ui/forms/field.tsx';
import { needsValue, OPERATORS, problemOf, type FilterRow, type Operator } from './filter-rows.ts';

type Props = {
  readonly nth: number;
  readonly row: FilterRow;
  /** What the service found in it. */
  readonly errors: readonly string[];
  readonly onChange: (row: FilterRow) => void;
  readonly onRemove: () => void;
};

const EXAMPLES: Readonly<Partial<Record<Operator, string>>> = { in: 'EUR, USD', equals: 'EUR' };

/** One condition: where in the body, which test, and with what. */
export function FilterRowField({ nth, row, errors, onChange, onRemove }: Props) {
  const { path, operator, value } = row;
  const problem = path === 'data.' ? null : problemOf(row);
  const messages = problem === null ? errors : [problem];
  return (
    <div className="line" role="group" aria-label={`Condition ${nth + 1}`}>
      <input
        aria-label="Field"
        className="code"
        spellCheck={false}
        placeholder="data.amount"
        aria-invalid={messages.length > 0}
        value={path}
        onChange={(event) => onChange({ ...row, path: event.target.value })}
      />
      <select
        aria-label="Test"
        value={operator}
        onChange={(event) => onChange({ ...row, operator: event.target.value as Operator })}
      >
        {Object.entries(OPERATORS).map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
      {needsValue(operator) && (
        <input
          aria-label="Value"
          className="code"
          spellCheck={false}
          placeholder={EXAMPLES[operator] ?? '100'}
          title='A number, true, false or null where it is written like one; "100" is the text'
          aria-invalid={messages.length > 0}
          value={value}
          onChange={(event) => onChange({ ...row, value: event.target.value })}
        />
      )}
      <button type="button" onClick={onRemove}>
        Remove<span className="hidden"> condition {nth + 1}</span>
      </button>
      <Errors messages={messages} />
    </div>
  );
}
