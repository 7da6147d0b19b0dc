/** A question before something that cannot be taken back. Escape and "Keep" leave everything as it is. */
import type { ReactNode } from 'react';
import { Dialog } from './dialog.tsx';

type Props = {
  readonly title: string;
  /** What will be, and what will not. */
  readonly children: ReactNode;
  /** What the button does, as a verb. */
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
};

export const Confirm = ({ title, children, action, onConfirm, onClose }: Props) => (
  <Dialog title={title} onClose={onClose}>
    <p>{children}</p>
    <div className="actions">
      <button type="button" autoFocus onClick={onClose}>
        Keep
      </button>
      <button
        type="button"
        className="danger"
        onClick={() => {
          onConfirm();
          onClose();
        }}
      >
        {action}
      </button>
    </div>
  </Dialog>
);
