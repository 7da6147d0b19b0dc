/** Deletes a target. Its open deliveries are cancelled with it, so the name of its host has to be typed. */
import { useState } from 'react';
import { useChange } from '../api/use-change.ts';
import { Confirm } from '../ui/forms/confirm.tsx';
import { Field } from '../ui/forms/field.tsx';
import { visibleLine } from '../ui/visible.ts';
import { DELETE_TARGET } from './documents.ts';
import { hostOf } from '../ui/targets/target-title.tsx';

type Props = {
  readonly target: { readonly id: string; readonly url: string };
  readonly onClose: () => void;
  readonly onDelete: () => void;
};

export function DeleteDialog({ target, onClose, onDelete }: Props) {
  const change = useChange(DELETE_TARGET);
  const [typed, setTyped] = useState('');
  const host = hostOf(target.url);
  const remove = async (): Promise<void> => {
    if (await change.send({ input: { id: target.id } })) onDelete();
  };
  return (
    <Confirm
      title="Delete the target?"
      action="Delete for good"
      keep="Keep it"
      isReady={typed.trim() === host}
      change={change}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      <p>Its open deliveries are cancelled, and its secret is forgotten. This cannot be undone.</p>
      <Field label={`Type ${visibleLine(host)} to delete it`}>
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
    </Confirm>
  );
}
