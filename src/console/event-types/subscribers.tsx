/** The targets that would receive an event type, and by which of their entries. */
import { Link } from 'wouter';
import { useQuery } from '../api/use-query.ts';
import type { SubscribersQuery } from '../generated/graphql.ts';
import { covers } from '../ui/targets/covers.ts';
import { TargetTitle } from '../ui/targets/target-title.tsx';
import { Failure } from '../ui/failure.tsx';
import { Text } from '../ui/text.tsx';
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
        <Table name={name} targets={data.webhookTargets} />
      ) : error ? (
        <Failure what="The targets" error={error} onRetry={reload} />
      ) : (
        <Skeleton rows={3} />
      )}
    </section>
  );
}

type Targets = SubscribersQuery['webhookTargets'];

function Table({ name, targets: { nodes, pageInfo } }: { readonly name: string; readonly targets: Targets }) {
  if (nodes.length === 0) {
    return (
      <p className="hint">
        No target would receive it. Disabled targets do not count. <Link href="/targets">All targets</Link>
      </p>
    );
  }
  return (
    <>
      <table className="list">
        <thead>
          <tr>
            <th scope="col">Target</th>
            <th scope="col">Status</th>
            <th scope="col">By</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((target) => (
            <tr key={target.id}>
              <th scope="row">
                <Link href={`/targets/${target.id}`}>
                  <TargetTitle name={target.name} url={target.url} />
                </Link>
              </th>
              <td>
                <TargetStatus status={target.status} />
              </td>
              <td>
                <code>
                  <Text value={reasonOf(target, name)} />
                </code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {pageInfo.hasNextPage && <p className="hint">The newest 100 are shown.</p>}
    </>
  );
}
