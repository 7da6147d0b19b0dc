/** A question before something that cannot be taken back. Escape and "Keep" leave everything as it is. */
import { useEffect, useId, useRef, type ReactNode } from 'react';
import './confirm.css';

type Props = {
  readonly title: string;
  /** What will be, and what will not. */
  readonly children: ReactNode;
  /** What the button does, as a verb. */
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
};

export function Confirm({ title, children, action, onConfirm, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="confirm" aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      <p>{children}</p>
      <div className="buttons">
        <button type="button" autoFocus onClick={() => dialog.current?.close()}>
          Keep
        </button>
        <button
          type="button"
          className="danger"
          onClick={() => {
            onConfirm();
            dialog.current?.close();
          }}
        >
          {action}
        </button>
      </div>
    </dialog>
  );
}
