/** A question before something that cannot be taken back. Escape and the other button leave everything as it is. */
import type { ReactNode } from 'react';
import type { Change } from '../../api/use-change.ts';
import { Dialog } from './dialog.tsx';
import { explainError } from '../failure.tsx';
import { Errors } from './field.tsx';
import { Form } from './form.tsx';

type Props = {
  readonly title: string;
  /** What will be, and what will not. */
  readonly children: ReactNode;
  /** What the button does, as a verb. */
  readonly action: string;
  /** What the other button says. */
  readonly keep?: string;
  /** False: something must be typed first. */
  readonly isReady?: boolean;
  /** What the button does. Its errors are shown; the dialog stays open until somebody closes it. */
  readonly change: Pick<Change<never, never>, 'isBusy' | 'userErrors' | 'failure'>;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
};

export const Confirm = ({
  title,
  children,
  action,
  keep = 'Keep',
  isReady = true,
  change: { isBusy, userErrors, failure },
  onConfirm,
  onClose,
}: Props) => (
  <Dialog title={title} onClose={onClose}>
    <Form onSubmit={() => isReady && !isBusy && onConfirm()}>
      {children}
      <Errors messages={[...userErrors.map(({ message }) => message), ...(failure ? [explainError(failure)] : [])]} />
      <div className="actions">
        {/* The first field or button of a dialog has the focus: Enter alone ends nothing. */}
        <button type="button" onClick={onClose}>
          {keep}
        </button>
        <button type="submit" className="danger" disabled={isBusy || !isReady}>
          {action}
        </button>
      </div>
    </Form>
  </Dialog>
);
