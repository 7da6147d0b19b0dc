/** Creates a target, then shows its secret: this once. */
import { useState } from 'react';
import { Link } from 'wouter';
import { useChange } from '../api/use-change.ts';
import { CREATE_TARGET } from './documents.ts';
import { createInputOf, NEW_TARGET } from './form/draft.ts';
import { TargetForm } from './form/target-form.tsx';
import { SecretShown } from './secret/secret-shown.tsx';
import './targets.css';

type Created = { readonly id: string; readonly secret: string };

export function NewTargetPage() {
  const mutation = useChange(CREATE_TARGET);
  const [created, setCreated] = useState<Created | null>(null);
  if (created) {
    return (
      <>
        <div className="page-head">
          <h1>The target was created</h1>
        </div>
        <SecretShown secret={created.secret}>
          <Link href={`/targets/${created.id}`} className="button primary">
            I have stored it: go to the target
          </Link>
        </SecretShown>
      </>
    );
  }
  return (
    <>
      <div className="page-head">
        <h1>New target</h1>
      </div>
      <TargetForm
        initial={NEW_TARGET}
        target={null}
        mutation={mutation}
        submitLabel="Create the target"
        onSubmit={async (draft) => {
          const payload = await mutation.send({ input: createInputOf(draft) });
          if (payload?.target && payload.secret !== null) setCreated({ id: payload.target.id, secret: payload.secret });
        }}
        cancel={<Link href="/targets">Cancel</Link>}
      />
    </>
  );
}
