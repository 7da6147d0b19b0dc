/** Deletes a target. Its open deliveries are cancelled with it, so the name of its host has to be typed. */
import { useState } from 'react';
import { useChange } from '../api/use-change.ts';
import { Dialog } from '../ui/dialog.tsx';
import { explainError } from '../ui/failure.tsx';
import { Errors, Field } from '../ui/field.tsx';
import { visibleLine } from '../ui/visible.ts';
import { DELETE_TARGET } from './documents.ts';
import { hostOf } from '../ui/targets/target-title.tsx';

type Props = {
  readonly target: { readonly id: string; readonly url: string };
  readonly onClose: () => void;
  readonly onDelete: () => void;
};

export function DeleteDialog({ target, onClose, onDelete }: Props) {
  const { send, isBusy, userErrors, failure } = useChange(DELETE_TARGET);
  const [typed, setTyped] = useState('');
  const host = hostOf(target.url);
  const remove = async (): Promise<void> => {
    if (await send({ input: { id: target.id } })) onDelete();
  };
  return (
    <Dialog title="Delete the target?" onClose={onClose}>
      <p>Its open deliveries are cancelled, and its secret is forgotten. This cannot be undone.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() === host) void remove();
        }}
      >
        <Field label={`Type ${visibleLine(host)} to delete it`} errors={userErrors.map(({ message }) => message)}>
          {(input) => (
            <input
              {...input}
              value={typed}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
        <Errors messages={failure ? [explainError(failure)] : []} />
        <div className="actions">
          <button type="submit" className="danger" disabled={isBusy || typed.trim() !== host}>
            Delete for good
          </button>
          <button type="button" onClick={onClose}>
            Keep it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
