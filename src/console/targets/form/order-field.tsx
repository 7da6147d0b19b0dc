/** Whether the target gets its events in order, and what becomes of the next ones after a failure. */
import { useId, type ReactNode } from 'react';
import { errorsAt, type UserErrors } from '../../api/user-errors.ts';
import type { DeliveryOrdering, OrderAfterFailure } from '../../generated/graphql.ts';
import { Errors } from '../../ui/forms/field.tsx';
import { AFTER_FAILURE_WORDS, ORDERING_WORDS, type Words } from './order-words.ts';

type Order = { readonly ordering: DeliveryOrdering; readonly afterFailure: OrderAfterFailure };

type Props = {
  readonly order: Order;
  /** As it is saved; null: the target is a new one. */
  readonly saved: Order | null;
  readonly errors: UserErrors;
  readonly onChange: (change: Partial<Order>) => void;
};

export function OrderField({ order, saved, errors, onChange }: Props) {
  // Without ordering it still holds for what was published in order before.
  const asksAfterFailure = order.ordering !== 'NONE' || (saved !== null && saved.ordering !== 'NONE');
  return (
    <>
      <Choice
        legend="Order"
        words={ORDERING_WORDS}
        chosen={order.ordering}
        errors={errorsAt(errors, 'ordering')}
        onChoose={(ordering) => onChange({ ordering })}
      >
        {saved !== null && saved.ordering !== order.ordering && (
          <p className="hint">It holds for events that are published from then on. What is open keeps its place.</p>
        )}
      </Choice>
      {asksAfterFailure && (
        <Choice
          legend="When every attempt of an event has failed"
          words={AFTER_FAILURE_WORDS}
          chosen={order.afterFailure}
          errors={errorsAt(errors, 'afterFailure')}
          onChoose={(afterFailure) => onChange({ afterFailure })}
        />
      )}
    </>
  );
}

type ChoiceProps<Value extends string> = {
  readonly legend: string;
  readonly words: Readonly<Record<Value, Words>>;
  readonly chosen: Value;
  readonly errors: readonly string[];
  readonly onChoose: (value: Value) => void;
  readonly children?: ReactNode;
};

function Choice<Value extends string>({ legend, words, chosen, errors, onChoose, children }: ChoiceProps<Value>) {
  const id = useId();
  return (
    <fieldset className="part">
      <legend>{legend}</legend>
      {(Object.keys(words) as Value[]).map((value) => (
        <div key={value}>
          <label className="choice">
            <input
              type="radio"
              name={id}
              aria-describedby={`${id}-${value}`}
              aria-invalid={errors.length > 0}
              checked={value === chosen}
              onChange={() => onChoose(value)}
            />
            {words[value].name}
          </label>
          <p className="hint" id={`${id}-${value}`}>
            {words[value].meaning}
          </p>
        </div>
      ))}
      {children}
      <Errors messages={errors} />
    </fieldset>
  );
}
