/** The choice of an event type, by category. */
import { useQuery } from '../../api/use-query.ts';
import { Failure } from '../../ui/failure.tsx';
import { Field } from '../../ui/forms/field.tsx';
import { byCategory } from '../../ui/event-types/by-category.ts';
import { visibleLine } from '../../ui/visible.ts';
import { PUBLISHABLE_TYPES } from './documents.ts';

type TypeProps = {
  readonly value: string;
  readonly errors: readonly string[];
  readonly onSet: (name: string) => void;
};

export function TypeField({ value, errors, onSet }: TypeProps) {
  const { data, error, reload } = useQuery(PUBLISHABLE_TYPES, {});
  if (error !== undefined) return <Failure what="The event types" error={error} onRetry={reload} />;
  const types = data?.eventTypes.filter(({ category }) => category !== 'hookcast') ?? [];
  const categories = byCategory(types);
  return (
    <Field label="Event type" errors={errors}>
      {(input) => (
        <select {...input} value={value} onChange={(event) => onSet(event.target.value)}>
          <option value="">Choose a type</option>
          {value !== '' && !types.some(({ name }) => name === value) && (
            <option value={value}>{visibleLine(value)}</option>
          )}
          {categories.map(([category, rows]) => (
            <optgroup key={category} label={visibleLine(category)}>
              {rows.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      )}
    </Field>
  );
}
