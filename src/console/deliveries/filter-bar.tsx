import { useId, useState } from 'react';
import type { DeliveryStatus } from '../generated/graphql.ts';
import { Status } from '../ui/status.tsx';
import { STATUSES, type Filter } from './filter.ts';

type Props = { readonly filter: Filter; readonly onChange: (change: Partial<Filter>) => void };

export function FilterBar({ filter, onChange }: Props) {
  const toggle = (status: DeliveryStatus): void => {
    const chosen = new Set(filter.status);
    if (!chosen.delete(status)) chosen.add(status);
    onChange({ status: STATUSES.filter((one) => chosen.has(one)) });
  };
  return (
    <div className="filters" role="search" aria-label="Which deliveries">
      <div role="group" aria-label="Status" className="choices">
        {STATUSES.map((status) => (
          <button
            key={status}
            type="button"
            aria-pressed={filter.status.includes(status)}
            onClick={() => toggle(status)}
          >
            <Status status={status} />
          </button>
        ))}
      </div>
      <TextFilter
        name="Event type"
        example="wallet.*"
        value={filter.eventType}
        onSet={(eventType) => onChange({ eventType })}
      />
      <TextFilter name="Target id" value={filter.targetId} onSet={(targetId) => onChange({ targetId })} />
      <TextFilter name="Event id" value={filter.eventId} onSet={(eventId) => onChange({ eventId })} />
    </div>
  );
}

type TextProps = {
  readonly name: string;
  readonly value: string;
  readonly example?: string;
  readonly onSet: (value: string) => void;
};

/** Takes effect with Enter, or when it is left: not with each letter, which would load the list anew. */
function TextFilter({ name, value, example, onSet }: TextProps) {
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  const take = (): void => {
    if (text !== null && text.trim() !== value) onSet(text.trim());
    setText(null);
  };
  return (
    <div className="field">
      <label htmlFor={id}>{name}</label>
      <input
        id={id}
        value={text ?? value}
        placeholder={example}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => event.key === 'Enter' && take()}
      />
    </div>
  );
}
