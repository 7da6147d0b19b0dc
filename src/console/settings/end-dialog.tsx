/** Asks before something ends for good. */
import { explainError } from '../ui/failure.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Errors } from '../ui/field.tsx';
import type { Change } from '../api/use-change.ts';
import type { ReactNode } from 'react';

type Props = {
  readonly title: string;
  /** What the button does, as a verb. */
  readonly action: string;
  readonly change: Pick<Change<unknown, never>, 'isBusy' | 'userErrors' | 'failure'>;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
};

export const EndDialog = ({ title, action, change, onConfirm, onClose, children }: Props) => (
  <Dialog title={title} onClose={onClose}>
    {children}
    <Errors messages={change.userErrors.map(({ message }) => message)} />
    {change.failure !== undefined && <p role="alert">{explainError(change.failure)}</p>}
    <div className="actions">
      <button type="button" onClick={onClose} autoFocus>
        Keep
      </button>
      <button type="button" className="danger" onClick={onConfirm} disabled={change.isBusy}>
        {action}
      </button>
    </div>
  </Dialog>
);
