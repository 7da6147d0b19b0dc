/** Changes a target: only the fields that were edited are sent. */
import { Link, useLocation, useParams } from 'wouter';
import { useChange } from '../api/use-change.ts';
import { useQuery } from '../api/use-query.ts';
import { Failure } from '../ui/failure.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { TARGET, UPDATE_TARGET } from './documents.ts';
import { draftOf, updateInputOf } from './form/draft.ts';
import { TargetForm } from './form/target-form.tsx';
import { NoTarget } from './no-target.tsx';
import { TargetTitle } from '../ui/targets/target-title.tsx';
import './targets.css';

export function EditTargetPage() {
  const { id = '' } = useParams();
  const { data, error, reload } = useQuery(TARGET, { id });
  const mutation = useChange(UPDATE_TARGET);
  const [, go] = useLocation();
  const target = data?.webhookTarget;
  if (target === null) return <NoTarget />;
  if (!target) return error ? <Failure what="The target" error={error} onRetry={reload} /> : <Skeleton rows={8} />;
  return (
    <>
      <div className="page-head">
        <h1>
          Edit <TargetTitle name={target.name} url={target.url} />
        </h1>
      </div>
      <TargetForm
        initial={draftOf(target)}
        target={target}
        mutation={mutation}
        submitLabel="Save"
        onSubmit={async (draft) => {
          if (await mutation.send({ input: updateInputOf(draft, target) })) go(`/targets/${id}`);
        }}
        cancel={<Link href={`/targets/${id}`}>Cancel</Link>}
      />
    </>
  );
}
