/** Creates an event type, or changes one: for platform admins. */
import { Link, useLocation, useParams } from 'wouter';
import { useChange } from '../api/use-change.ts';
import { useQuery } from '../api/use-query.ts';
import { Failure } from '../ui/failure.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { CREATE_TYPE, TYPE, UPDATE_TYPE } from './documents.ts';
import { NoType } from './event-type-page.tsx';
import { createTypeInputOf, NEW_TYPE, typeDraftOf, updateTypeInputOf } from './type-draft.ts';
import { TypeForm } from './type-form.tsx';
import './event-types.css';

export function NewEventTypePage() {
  const mutation = useChange(CREATE_TYPE);
  const [, go] = useLocation();
  return (
    <>
      <div className="page-head">
        <h1>New event type</h1>
      </div>
      <TypeForm
        initial={NEW_TYPE}
        isNew
        mutation={mutation}
        onSubmit={async (draft) => {
          const payload = await mutation.send({ input: createTypeInputOf(draft) });
          if (payload?.eventType) go(`/event-types/${payload.eventType.name}`);
        }}
        cancel={<Link href="/event-types">Cancel</Link>}
      />
    </>
  );
}

export function EditEventTypePage() {
  const { name = '' } = useParams();
  const { data, error, reload } = useQuery(TYPE, { name });
  const mutation = useChange(UPDATE_TYPE);
  const [, go] = useLocation();
  const type = data?.eventType;
  if (type === null) return <NoType />;
  if (!type) return error ? <Failure what="The event type" error={error} onRetry={reload} /> : <Skeleton rows={8} />;
  const before = typeDraftOf(type);
  return (
    <>
      <div className="page-head">
        <h1>
          Edit <code>{name}</code>
        </h1>
      </div>
      <TypeForm
        initial={before}
        isNew={false}
        mutation={mutation}
        onSubmit={async (draft) => {
          if (await mutation.send({ input: updateTypeInputOf(draft, before) })) go(`/event-types/${name}`);
        }}
        cancel={<Link href={`/event-types/${name}`}>Cancel</Link>}
      />
    </>
  );
}
