/** Everything about a target that its owner chooses. Errors of the service stand beside the field they are about. */
import { useState, type ReactNode } from 'react';
import type { Change } from '../../api/use-change.ts';
import { errorsElsewhere } from '../../api/user-errors.ts';
import { explainError } from '../../ui/failure.tsx';
import { Errors } from '../../ui/forms/field.tsx';
import { useFocusInvalid } from '../../ui/forms/use-focus-invalid.ts';
import { problemsOf, type EditedTarget, type TargetDraft } from './draft.ts';
import { OTHERS, TargetFields } from './target-fields.tsx';

type Props = {
  readonly initial: TargetDraft;
  /** The target as it is saved; null: it is a new one. */
  readonly target: EditedTarget | null;
  readonly mutation: Pick<Change<never, never>, 'isBusy' | 'userErrors' | 'failure'>;
  readonly submitLabel: string;
  readonly onSubmit: (draft: TargetDraft) => void;
  readonly cancel: ReactNode;
};

/** Fields that show their own errors. */
const SHOWN = ['url', 'name', 'description', 'eventTypes', 'ordering', 'afterFailure', ...OTHERS];

export function TargetForm({ initial, target, mutation, submitLabel, onSubmit, cancel }: Props) {
  const [draft, setDraft] = useState(initial);
  const [problems, setProblems] = useState<Readonly<Record<string, string>>>({});
  const { userErrors, failure, isBusy } = mutation;
  const form = useFocusInvalid(userErrors, problems);
  function submit(): void {
    const found = problemsOf(draft);
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
      <TargetFields
        draft={draft}
        target={target}
        userErrors={userErrors}
        problems={problems}
        onChange={(change) => setDraft((before) => ({ ...before, ...change }))}
      />
      <Errors messages={[...errorsElsewhere(userErrors, SHOWN), ...(failure ? [explainError(failure)] : [])]} />
      {(userErrors.length > 0 || Object.keys(problems).length > 0) && (
        <p className="errors">Something above needs a change. Nothing was saved.</p>
      )}
      <div className="actions">
        <button type="submit" className="primary" disabled={isBusy}>
          {isBusy ? 'Saving…' : submitLabel}
        </button>
        {cancel}
      </div>
    </form>
  );
}
