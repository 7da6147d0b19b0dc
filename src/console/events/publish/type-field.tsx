/** The choice of an event type, by category. */
import { useQuery } from '../../api/use-query.ts';
import { Failure } from '../../ui/failure.tsx';
import { Field } from '../../ui/field.tsx';
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
  const categories = [...new Set(types.map(({ category }) => category))].sort();
  return (
    <Field label="Event type" errors={errors}>
      {(input) => (
        <select {...input} value={value} onChange={(event) => onSet(event.target.value)}>
          <option value="">Choose a type</option>
          {value !== '' && !types.some(({ name }) => name === value) && (
            <option value={value}>{visibleLine(value)}</option>
          )}
          {categories.map((category) => (
            <optgroup key={category} label={visibleLine(category)}>
              {types
                .filter((type) => type.category === category)
                .map(({ name }) => (
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
