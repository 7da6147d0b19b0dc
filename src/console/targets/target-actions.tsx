/** What can be done with a target. What would be refused is not offered. */
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useChange } from '../api/use-change.ts';
import { useMay } from '../api/viewer.tsx';
import type { WebhookTargetStatus } from '../generated/graphql.ts';
import { Confirm } from '../ui/forms/confirm.tsx';
import { explainError } from '../ui/failure.tsx';
import { Errors } from '../ui/forms/field.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { UPDATE_TARGET } from './documents.ts';
import type { EditedTarget } from './form/draft.ts';
import { RotateDialog } from './secret/rotate-dialog.tsx';
import { TestDialog } from './test-dialog.tsx';

type Props = { readonly target: EditedTarget; readonly onChange: () => void };

type Open = 'test' | 'rotate' | 'disable' | 'delete' | null;

export function TargetActions({ target, onChange }: Props) {
  const mayWrite = useMay('TARGETS_WRITE');
  const [, go] = useLocation();
  const [open, setOpen] = useState<Open>(null);
  const { send, isBusy, userErrors, failure } = useChange(UPDATE_TARGET);
  const set = async (status: Exclude<WebhookTargetStatus, 'DISABLED'>): Promise<void> => {
    if (await send({ input: { id: target.id, status } })) onChange();
  };
  const disabling = useChange(UPDATE_TARGET);
  const close = (): void => {
    disabling.reset();
    setOpen(null);
  };
  const disable = async (): Promise<void> => {
    if (!(await disabling.send({ input: { id: target.id, status: 'DISABLED' } }))) return;
    close();
    onChange();
  };
  if (!mayWrite) return null;
  return (
    <div className="actions" role="group" aria-label="Actions">
      {target.status !== 'ACTIVE' && (
        <button type="button" className="primary" disabled={isBusy} onClick={() => void set('ACTIVE')}>
          {target.status === 'PAUSED' ? 'Resume' : 'Enable'}
        </button>
      )}
      {target.status !== 'DISABLED' && (
        <button type="button" className={target.status === 'ACTIVE' ? 'primary' : ''} onClick={() => setOpen('test')}>
          Send a test event
        </button>
      )}
      <Link href={`/targets/${target.id}/edit`} className="button">
        Edit
      </Link>
      {target.status === 'ACTIVE' && (
        <button type="button" disabled={isBusy} onClick={() => void set('PAUSED')}>
          Pause
        </button>
      )}
      {target.status !== 'DISABLED' && (
        <button type="button" onClick={() => setOpen('disable')}>
          Disable
        </button>
      )}
      <button type="button" onClick={() => setOpen('rotate')}>
        Rotate the secret
      </button>
      <button type="button" className="danger" onClick={() => setOpen('delete')}>
        Delete
      </button>
      <Errors messages={[...userErrors.map(({ message }) => message), ...(failure ? [explainError(failure)] : [])]} />
      {open === 'test' && <TestDialog target={target} onClose={close} />}
      {open === 'rotate' && <RotateDialog target={target} onClose={close} />}
      {open === 'delete' && <DeleteDialog target={target} onClose={close} onDelete={() => go('/targets')} />}
      {open === 'disable' && (
        <Confirm
          title="Disable the target?"
          action="Disable"
          keep="Keep it"
          change={disabling}
          onConfirm={() => void disable()}
          onClose={close}
        >
          <p>
            No deliveries are created for it any more: events that are published meanwhile do not reach it, unless you
            replay them. To hold deliveries back without losing any, pause it.
          </p>
        </Confirm>
      )}
    </div>
  );
}
