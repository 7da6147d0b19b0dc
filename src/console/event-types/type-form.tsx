/** Everything about an event type that a platform admin chooses. */
import { useState, type ReactNode } from 'react';
import type { Change } from '../api/use-change.ts';
import { errorsAt, errorsElsewhere } from '../api/user-errors.ts';
import { explainError } from '../ui/failure.tsx';
import { Errors, Field } from '../ui/forms/field.tsx';
import { useFocusInvalid } from '../ui/forms/use-focus-invalid.ts';
import { problemsOfType, type TypeDraft } from './type-draft.ts';

type Props = {
  readonly initial: TypeDraft;
  readonly isNew: boolean;
  readonly mutation: Pick<Change<never, never>, 'isBusy' | 'userErrors' | 'failure'>;
  readonly onSubmit: (draft: TypeDraft) => void;
  readonly cancel: ReactNode;
};

type Text = { readonly name: keyof TypeDraft; readonly label: string; readonly hint?: string; readonly rows?: number };

const TEXTS: readonly Text[] = [
  {
    name: 'name',
    label: 'Name',
    hint: 'Lower-case words joined by dots, such as wallet.created. It cannot be changed later.',
  },
  { name: 'displayName', label: 'Display name', hint: 'For people. Empty: made from the name.' },
  { name: 'category', label: 'Category', hint: 'Groups the catalog, e.g. wallet.' },
  { name: 'description', label: 'Description', hint: 'What triggers this event.', rows: 3 },
  { name: 'example', label: 'Example (JSON)', hint: 'Test events send it. Empty: none.', rows: 8 },
  {
    name: 'schema',
    label: 'JSON Schema (2020-12)',
    hint: 'New events must satisfy it; those that were published are not checked again. Empty: any JSON.',
    rows: 12,
  },
];

export function TypeForm({ initial, isNew, mutation, onSubmit, cancel }: Props) {
  const [draft, setDraft] = useState(initial);
  const [problems, setProblems] = useState<Readonly<Record<string, string>>>({});
  const { userErrors, failure, isBusy } = mutation;
  const texts = TEXTS.filter(({ name }) => isNew || name !== 'name');
  const shown = texts.map(({ name }) => name);
  const form = useFocusInvalid(userErrors, problems);
  function submit(): void {
    const found = problemsOfType(draft);
    setProblems(found);
    if (Object.keys(found).length === 0) onSubmit(draft);
  }
  return (
    <form
      ref={form}
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {texts.map(({ name, label, hint, rows }) => (
        <Field
          key={name}
          label={label}
          hint={hint}
          errors={problems[name] === undefined ? errorsAt(userErrors, name) : [problems[name]]}
        >
          {(input) => {
            const text = {
              ...input,
              spellCheck: name === 'description',
              value: draft[name],
              onChange: ({ target: { value } }: { readonly target: { readonly value: string } }) =>
                setDraft((before) => ({ ...before, [name]: value })),
            };
            return rows === undefined ? (
              <input {...text} autoComplete="off" />
            ) : (
              <textarea {...text} rows={rows} className={name === 'description' ? '' : 'code'} />
            );
          }}
        </Field>
      ))}
      <Errors messages={[...errorsElsewhere(userErrors, shown), ...(failure ? [explainError(failure)] : [])]} />
      <div className="actions">
        <button type="submit" className="primary" disabled={isBusy}>
          {isBusy ? 'Saving…' : isNew ? 'Create the event type' : 'Save'}
        </button>
        {cancel}
      </div>
    </form>
  );
}
