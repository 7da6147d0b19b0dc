/** Headers that go with every request. Their values are often secrets, so they are hidden until somebody asks. */
import { useState } from 'react';
import { errorsAt, type UserErrors } from '../../api/user-errors.ts';
import { Errors } from '../../ui/forms/field.tsx';
import { visibleLine } from '../../ui/visible.ts';

type Header = { readonly name: string; readonly value: string };

type Props = {
  readonly headers: readonly Header[];
  readonly errors: UserErrors;
  readonly onChange: (headers: readonly Header[]) => void;
};

export function HeadersField({ headers, errors, onChange }: Props) {
  const [isShown, setShown] = useState(false);
  const set = (place: number, change: Partial<Header>): void =>
    onChange(headers.map((header, nth) => (nth === place ? { ...header, ...change } : header)));
  const whole = errors.filter(({ field }) => field?.[1] === 'headers' && field.length === 2);
  return (
    <div className="repeated">
      <p className="hint">Sent with every request, beside those of the service. At most 20.</p>
      {headers.map(({ name, value }, nth) => {
        const messages = errorsAt(errors, 'headers', String(nth));
        return (
          <div key={nth} className="line" role="group" aria-label={`Header ${nth + 1}`}>
            <input
              aria-label="Name"
              placeholder="Authorization"
              spellCheck={false}
              autoComplete="off"
              aria-invalid={messages.length > 0}
              value={name}
              onChange={(event) => set(nth, { name: event.target.value })}
            />
            <input
              aria-label="Value"
              type={isShown ? 'text' : 'password'}
              spellCheck={false}
              autoComplete="off"
              aria-invalid={messages.length > 0}
              value={value}
              onChange={(event) => set(nth, { value: event.target.value })}
            />
            <button type="button" onClick={() => onChange(headers.filter((_, place) => place !== nth))}>
              Remove<span className="hidden"> header {visibleLine(name) || nth + 1}</span>
            </button>
            <Errors messages={messages} />
          </div>
        );
      })}
      <Errors messages={whole.map(({ message }) => message)} />
      <div className="actions">
        <button type="button" onClick={() => onChange([...headers, { name: '', value: '' }])}>
          Add a header
        </button>
        {headers.length > 0 && (
          <button type="button" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
            Show values
          </button>
        )}
      </div>
    </div>
  );
}
