/** The targets that would receive an event type, and by which of their entries. */
import { Link } from 'wouter';
import { useQuery } from '../api/use-query.ts';
import type { SubscribersQuery } from '../generated/graphql.ts';
import { covers } from '../ui/targets/covers.ts';
import { TargetTitle } from '../ui/targets/target-title.tsx';
import { Failure } from '../ui/failure.tsx';
import { Table, type Column } from '../ui/tables/table.tsx';
import { Text } from '../ui/text/text.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { TargetStatus } from '../ui/targets/target-status.tsx';
import { SUBSCRIBERS } from './documents.ts';

type Subscriber = { readonly eventTypes: readonly string[]; readonly global: boolean };

/** Why a target gets the type. */
function reasonOf({ eventTypes, global }: Subscriber, name: string): string {
  if (global) return 'every type (global)';
  if (eventTypes.length === 0) return 'every type';
  return eventTypes.find((entry) => covers(entry, name)) ?? '';
}

export function SubscribersOf({ name }: { readonly name: string }) {
  const { data, error, reload } = useQuery(SUBSCRIBERS, { filter: { eventType: name } });
  return (
    <section className="block" aria-labelledby="subscribers">
      <h2 id="subscribers">Who is subscribed</h2>
      {data ? (
        <Subscribers name={name} targets={data.webhookTargets} />
      ) : error ? (
        <Failure what="The targets" error={error} onRetry={reload} />
      ) : (
        <Skeleton rows={3} />
      )}
    </section>
  );
}

type Targets = SubscribersQuery['webhookTargets'];

type Target = Targets['nodes'][number];

const COLUMNS: readonly Column<Target & { readonly reason: string }>[] = [
  {
    name: 'Target',
    kind: 'head',
    cell: ({ id, name, url }) => (
      <Link href={`/targets/${id}`}>
        <TargetTitle name={name} url={url} />
      </Link>
    ),
  },
  { name: 'Status', cell: ({ status }) => <TargetStatus status={status} /> },
  {
    name: 'By',
    cell: ({ reason }) => (
      <code>
        <Text value={reason} />
      </code>
    ),
  },
];

function Subscribers({ name, targets: { nodes, pageInfo } }: { readonly name: string; readonly targets: Targets }) {
  if (nodes.length === 0) {
    return (
      <p className="hint">
        No target would receive it. Disabled targets do not count. <Link href="/targets">All targets</Link>
      </p>
    );
  }
  const rows = nodes.map((target) => ({ ...target, reason: reasonOf(target, name) }));
  return (
    <>
      <Table label="Who is subscribed" columns={COLUMNS} rows={rows} keyOf={({ id }) => id} />
      {pageInfo.hasNextPage && <p className="hint">The newest 100 are shown.</p>}
    </>
  );
}
