/** A labelled input with its hint, and the errors that the service found in it. */
import { useId, type ReactNode } from 'react';
import { visibleLines } from '../visible.ts';

type Input = {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
};

type Props = {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly errors?: readonly string[];
  readonly children: (input: Input) => ReactNode;
};

export function Field({ label, hint, errors = [], children }: Props) {
  const id = useId();
  const described = [hint !== undefined && `${id}-hint`, errors.length > 0 && `${id}-errors`].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': errors.length > 0 })}
      {hint !== undefined && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <Errors id={`${id}-errors`} messages={errors} />
    </div>
  );
}

/** Errors of a part of a form. Screen readers say them when they appear. They may quote what others have written. */
export function Errors({ id, messages }: { readonly id?: string; readonly messages: readonly string[] }) {
  return (
    <div role="alert" className="errors" id={id}>
      {messages.map((message) => (
        <p key={message}>{visibleLines(message)}</p>
      ))}
    </div>
  );
}
