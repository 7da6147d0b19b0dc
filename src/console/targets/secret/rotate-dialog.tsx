/** Gives a target a new secret. The old one goes on signing for a time, so that the receiver can change over. */
import { useState } from 'react';
import { useChange } from '../../api/use-change.ts';
import { Dialog } from '../../ui/forms/dialog.tsx';
import { explainError } from '../../ui/failure.tsx';
import { Errors, Field } from '../../ui/forms/field.tsx';
import { Countdown, Time } from '../../ui/time.tsx';
import { ROTATE_SECRET } from '../documents.ts';
import { SecretShown } from './secret-shown.tsx';

type Props = { readonly target: { readonly id: string }; readonly onClose: () => void };

const OVERLAPS = [
  [3_600, 'an hour'],
  [86_400, 'a day'],
  [604_800, '7 days'],
  [0, 'not at all: the old one stops at once'],
] as const;

type Rotated = { readonly secret: string; readonly overlapEndsAt: string | null };

export function RotateDialog({ target, onClose }: Props) {
  const { send, isBusy, userErrors, failure } = useChange(ROTATE_SECRET);
  const [overlapSeconds, setOverlap] = useState(86_400);
  const [rotated, setRotated] = useState<Rotated | null>(null);
  const rotate = async (): Promise<void> => {
    const payload = await send({ input: { id: target.id, overlapSeconds } });
    if (payload?.secret) setRotated({ secret: payload.secret, overlapEndsAt: payload.overlapEndsAt });
  };
  if (rotated) {
    return (
      <Dialog title="The new secret" onClose={() => {}}>
        <Overlap endsAt={rotated.overlapEndsAt} isOver={overlapSeconds === 0} />
        <SecretShown secret={rotated.secret}>
          <button type="button" className="primary" onClick={onClose}>
            I have stored it
          </button>
        </SecretShown>
      </Dialog>
    );
  }
  return (
    <Dialog title="Rotate the secret?" onClose={onClose}>
      <p>For a while both secrets sign each request: give the receiver the new one in that time.</p>
      <Field label="The old secret goes on signing for" errors={userErrors.map(({ message }) => message)}>
        {(input) => (
          <select {...input} value={overlapSeconds} onChange={(event) => setOverlap(Number(event.target.value))}>
            {OVERLAPS.map(([seconds, words]) => (
              <option key={seconds} value={seconds}>
                {words}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Errors messages={failure ? [explainError(failure)] : []} />
      <div className="actions">
        <button type="button" onClick={onClose}>
          Keep the present one
        </button>
        <button type="button" className="primary" disabled={isBusy} onClick={() => void rotate()}>
          {isBusy ? 'Making it…' : 'Make a new secret'}
        </button>
      </div>
    </Dialog>
  );
}

function Overlap({ endsAt, isOver }: { readonly endsAt: string | null; readonly isOver: boolean }) {
  if (endsAt === null || isOver) return <p>The old secret has stopped signing.</p>;
  return (
    <p className="callout" data-state="warn">
      The old secret stops signing <Countdown to={endsAt} /> (<Time at={endsAt} />
      ).
    </p>
  );
}
