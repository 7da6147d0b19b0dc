/** The filter of a target: conditions in rows, or JSON where rows cannot say it; below, what it does to recent events. */
import { errorsAt, type UserErrors } from '../../api/user-errors.ts';
import { useMay } from '../../api/viewer.tsx';
import { Errors, Field } from '../../ui/forms/field.tsx';
import { filterInputOf, type FilterDraft } from './filter-draft.ts';
import { NEW_ROW, rowsOf, type FilterRow } from './filter-rows.ts';
import { FilterRowField } from './filter-row-field.tsx';
import { FilterTest } from './filter-test.tsx';

type Props = {
  readonly filter: FilterDraft;
  /** Names and patterns whose events the filter is tried on; empty: every type. */
  readonly eventTypes: readonly string[];
  readonly errors: UserErrors;
  /** What keeps the filter from being sent. */
  readonly problem: string | undefined;
  readonly onChange: (filter: FilterDraft) => void;
};

export function FilterEditor({ filter, eventTypes, errors, problem, onChange }: Props) {
  const mayTry = useMay('EVENTS_READ');
  const input = filterInputOf(filter);
  return (
    <>
      <p className="hint">
        Only events whose body satisfies it are sent. Without a condition, every event that the target is subscribed to.
      </p>
      {filter.kind === 'rows' ? (
        <Rows filter={filter} errors={errors} onChange={onChange} />
      ) : (
        <Json filter={filter} errors={errors} onChange={onChange} />
      )}
      <Errors messages={problem === undefined ? [] : [problem]} />
      {mayTry && input !== null && <FilterTest filter={input} eventTypes={eventTypes} />}
    </>
  );
}

type RowsProps = Pick<Props, 'errors' | 'onChange'> & { readonly filter: Extract<FilterDraft, { kind: 'rows' }> };

function Rows({ filter, errors, onChange }: RowsProps) {
  const { join, rows } = filter;
  const set = (next: readonly FilterRow[]): void => onChange({ ...filter, rows: next });
  const whole = errors.filter(({ field }) => field?.[1] === 'filter' && field.length < 4);
  return (
    <div className="repeated">
      {rows.length > 1 && (
        <label className="inline">
          An event is sent when{' '}
          <select value={join} onChange={(event) => onChange({ ...filter, join: event.target.value as 'all' | 'any' })}>
            <option value="all">all of these hold</option>
            <option value="any">any of these holds</option>
          </select>
        </label>
      )}
      {rows.map((row, nth) => (
        <FilterRowField
          key={nth}
          nth={nth}
          row={row}
          errors={errorsAt(errors, 'filter', join, String(nth))}
          onChange={(next) => set(rows.map((one, place) => (place === nth ? next : one)))}
          onRemove={() => set(rows.filter((_, place) => place !== nth))}
        />
      ))}
      <Errors messages={whole.map(({ message }) => message)} />
      <div className="actions">
        <button type="button" onClick={() => set([...rows, NEW_ROW])}>
          Add a condition
        </button>
        <button
          type="button"
          className="quiet"
          onClick={() => onChange({ kind: 'json', text: JSON.stringify(filterInputOf(filter) ?? {}, null, 2) })}
        >
          Edit as JSON
        </button>
      </div>
    </div>
  );
}

type JsonProps = Pick<Props, 'errors' | 'onChange'> & { readonly filter: Extract<FilterDraft, { kind: 'json' }> };

function Json({ filter: { text }, errors, onChange }: JsonProps) {
  const input = filterInputOf({ kind: 'json', text });
  const form = input === undefined ? null : rowsOf(input);
  return (
    <div className="repeated">
      <Field
        label="Filter as JSON"
        hint={'{"where": {"path": ["data", "amount"], "atLeast": "100"}}, joined by all, any and not'}
        errors={errorsAt(errors, 'filter')}
      >
        {(field) => (
          <textarea
            {...field}
            rows={8}
            className="code"
            spellCheck={false}
            value={text}
            onChange={(event) => onChange({ kind: 'json', text: event.target.value })}
          />
        )}
      </Field>
      <div className="actions">
        <button
          type="button"
          className="quiet"
          disabled={form === null}
          title={form === null ? 'Rows cannot say this filter' : undefined}
          onClick={() => form && onChange({ kind: 'rows', ...form })}
        >
          Edit as rows
        </button>
      </div>
    </div>
  );
}
