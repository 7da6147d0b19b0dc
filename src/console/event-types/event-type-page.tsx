/** One event type: its shape, an example, and who gets it. */
import { Link, useParams } from 'wouter';
import { useChange } from '../api/use-change.ts';
import { useQuery } from '../api/use-query.ts';
import { useMay } from '../api/viewer.tsx';
import type { TypeQuery } from '../generated/graphql.ts';
import { CopyButton } from '../ui/text/copy-button.tsx';
import { explainError, Failure } from '../ui/failure.tsx';
import { Errors } from '../ui/forms/field.tsx';
import { Back, Fact, Facts } from '../ui/tables/facts.tsx';
import { Text } from '../ui/text/text.tsx';
import { Notice } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Time } from '../ui/time.tsx';
import { visibleLines } from '../ui/visible.ts';
import { ARCHIVE_TYPE, TYPE, UNARCHIVE_TYPE } from './documents.ts';
import { SubscribersOf } from './subscribers.tsx';
import './event-types.css';

type ShownType = NonNullable<TypeQuery['eventType']>;

export function EventTypePage() {
  const { name = '' } = useParams();
  const { data, error, reload } = useQuery(TYPE, { name });
  const isAdmin = useMay('PLATFORM_ADMIN');
  const mayPublish = useMay('EVENTS_PUBLISH');
  const mayReadTargets = useMay('TARGETS_READ');
  const type = data?.eventType;
  if (type === null) return <NoType />;
  if (!type) return error ? <Failure what="The event type" error={error} onRetry={reload} /> : <Skeleton rows={8} />;
  return (
    <>
      <Back to="/event-types" name="Event types" />
      <div className="page-head">
        <h1>
          <code>{type.name}</code>
        </h1>
        {type.archivedAt !== null && <span className="tag">Archived</span>}
        <div className="actions">
          {mayPublish && type.archivedAt === null && (
            <Link href={`/events/publish?type=${type.name}`} className="button">
              Publish one
            </Link>
          )}
          {isAdmin && (
            <Link href={`/event-types/${type.name}/edit`} className="button">
              Edit
            </Link>
          )}
          {isAdmin && <Archive type={type} onChange={reload} />}
        </div>
      </div>
      <p>
        <Text value={type.description || type.displayName} />
      </p>
      <Facts>
        <Fact name="Display name">
          <Text value={type.displayName} />
        </Fact>
        <Fact name="Category">
          <Text value={type.category} />
        </Fact>
        <Fact name="Changed">
          <Time at={type.updatedAt} />
        </Fact>
      </Facts>
      <div className="shapes">
        <Json title="Example" value={type.example} none="There is no example: a test event sends an empty object." />
        <Json title="JSON Schema" value={type.schema} none="There is no schema: any JSON may be published." />
      </div>
      {mayReadTargets && <SubscribersOf name={type.name} />}
    </>
  );
}

export const NoType = () => (
  <Notice title="There is no such event type">
    Its name may be mistyped. <Link href="/event-types">All event types</Link>
  </Notice>
);

type JsonProps = { readonly title: string; readonly value: unknown; readonly none: string };

function Json({ title, value, none }: JsonProps) {
  const text = JSON.stringify(value, null, 2);
  return (
    <section aria-label={title}>
      <div className="page-head">
        <h2>{title}</h2>
        {value !== null && <CopyButton text={text} what={`the ${title}`} />}
      </div>
      {value === null ? (
        <p className="hint">{none}</p>
      ) : (
        <pre tabIndex={0} dir="ltr" aria-label={title}>
          {visibleLines(text)}
        </pre>
      )}
    </section>
  );
}

/** Archiving can be taken back, so it asks nothing. */
function Archive({ type, onChange }: { readonly type: ShownType; readonly onChange: () => void }) {
  const archive = useChange(ARCHIVE_TYPE);
  const unarchive = useChange(UNARCHIVE_TYPE);
  const isArchived = type.archivedAt !== null;
  const input = { input: { name: type.name } };
  const change = async (): Promise<void> => {
    if (await (isArchived ? unarchive.send(input) : archive.send(input))) onChange();
  };
  const { userErrors, failure } = isArchived ? unarchive : archive;
  return (
    <>
      <button type="button" disabled={archive.isBusy || unarchive.isBusy} onClick={() => void change()}>
        {isArchived ? 'Open again' : 'Archive'}
      </button>
      <Errors messages={[...userErrors.map(({ message }) => message), ...(failure ? [explainError(failure)] : [])]} />
    </>
  );
}
