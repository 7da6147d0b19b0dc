/** The fields of the filters that stand above a live list. */
import { useId, useState, type ReactNode } from 'react';
import { ANY_TIME, fromLocalInput, SPANS, toLocalInput, type Span, type TimeChoice } from './time-range.ts';

type TextProps = {
  readonly name: string;
  readonly value: string;
  readonly example?: string;
  /** Texts that are offered while somebody types. */
  readonly offers?: readonly string[];
  /** What is wrong with the text; null: nothing. A text with a fault does not take effect. */
  readonly check?: (text: string) => string | null;
  readonly onSet: (value: string) => void;
};

/** Takes effect with Enter, or when it is left: not with each letter, which would load the list anew. */
export function TextFilter({ name, value, example, offers = [], check = () => null, onSet }: TextProps) {
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  const fault = text === null || text.trim() === '' ? null : check(text.trim());
  const [isTold, setTold] = useState(false);
  const take = (): void => {
    setTold(fault !== null);
    if (fault !== null) return;
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
        autoComplete="off"
        list={offers.length > 0 ? `${id}-offers` : undefined}
        aria-invalid={isTold && fault !== null}
        aria-describedby={isTold && fault !== null ? `${id}-fault` : undefined}
        onChange={(event) => setText(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => event.key === 'Enter' && take()}
      />
      {offers.length > 0 && (
        <datalist id={`${id}-offers`}>
          {offers.map((offer) => (
            <option key={offer} value={offer} />
          ))}
        </datalist>
      )}
      {isTold && fault !== null && (
        <small id={`${id}-fault`} role="alert">
          {fault}
        </small>
      )}
    </div>
  );
}

type ChoiceProps = {
  readonly name: string;
  readonly value: string;
  readonly onSet: (value: string) => void;
  /** Options. */
  readonly children: ReactNode;
};

export function ChoiceFilter({ name, value, onSet, children }: ChoiceProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{name}</label>
      <select id={id} value={value} onChange={(event) => onSet(event.target.value)}>
        {children}
      </select>
    </div>
  );
}

const SPAN_NAMES: Readonly<Record<Span, string>> = { '1h': 'Last hour', '24h': 'Last 24 hours', '7d': 'Last 7 days' };

type TimeProps = { readonly value: TimeChoice; readonly onSet: (value: TimeChoice) => void };

export function TimeFilter({ value, onSet }: TimeProps) {
  const [isOpen, setOpen] = useState(value.from !== '' || value.to !== '');
  const choose = (chosen: string): void => {
    setOpen(chosen === 'between');
    if (chosen !== 'between') onSet({ ...ANY_TIME, span: chosen as Span | '' });
    else if (value.span !== '') onSet({ ...ANY_TIME, from: new Date(Date.now() - SPANS[value.span]).toISOString() });
  };
  return (
    <>
      <ChoiceFilter name="Time" value={isOpen ? 'between' : value.span} onSet={choose}>
        <option value="">Any time</option>
        {Object.entries(SPAN_NAMES).map(([span, name]) => (
          <option key={span} value={span}>
            {name}
          </option>
        ))}
        <option value="between">Between…</option>
      </ChoiceFilter>
      {isOpen && (
        <>
          <MomentField name="From" value={value.from} onSet={(from) => onSet({ ...value, span: '', from })} />
          <MomentField name="Until" value={value.to} onSet={(to) => onSet({ ...value, span: '', to })} />
        </>
      )}
    </>
  );
}

type MomentProps = { readonly name: string; readonly value: string; readonly onSet: (value: string) => void };

function MomentField({ name, value, onSet }: MomentProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{name}</label>
      <input
        id={id}
        type="datetime-local"
        value={toLocalInput(value)}
        onChange={(event) => onSet(fromLocalInput(event.target.value))}
      />
    </div>
  );
}

/** Ids of the service have one shape, so a mistyped one is told at once. */
export const checkId = (text: string): string | null =>
  /^[0-9A-Za-z]{27}$/.test(text) ? null : 'An id has 27 letters and digits.';
