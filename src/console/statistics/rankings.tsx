/** Where attempts failed most: targets, and event types. */
import { Link } from 'wouter';
import type { OverviewQuery } from '../generated/graphql.ts';
import { TargetTitle } from '../ui/targets/target-title.tsx';
import { Text } from '../ui/text.tsx';
import { formatCount, formatDuration, formatShare } from '../ui/figures/format.ts';

type Statistics = OverviewQuery['deliveryStatistics'];
type Total = Statistics['byTarget'][number]['total'];

const Head = ({ what }: { readonly what: string }) => (
  <thead>
    <tr>
      <th scope="col">{what}</th>
      <th scope="col" className="number">
        Failed
      </th>
      <th scope="col" className="number wide">
        Attempts
      </th>
      <th scope="col" className="number">
        Delivered
      </th>
      <th scope="col" className="number wide">
        p95
      </th>
    </tr>
  </thead>
);

const Figures = ({ total }: { readonly total: Total }) => (
  <>
    <td className="number">{formatCount(total.failed)}</td>
    <td className="number wide">{formatCount(total.attempts)}</td>
    <td className="number">{formatShare(total.delivered, total.attempts)}</td>
    <td className="number wide">{total.durationMs ? formatDuration(total.durationMs.p95) : '–'}</td>
  </>
);

export const TopTargets = ({ rows }: { readonly rows: Statistics['byTarget'] }) => (
  <table className="list">
    <Head what="Target" />
    <tbody>
      {rows.map(({ target, total }) => (
        <tr key={target.id}>
          <th scope="row">
            {target.deletedAt === null ? (
              <Link href={`/targets/${target.id}`}>
                <TargetTitle name={target.name} url={target.url} />
              </Link>
            ) : (
              <>
                <TargetTitle name={target.name} url={target.url} /> (deleted)
              </>
            )}
            <small>
              <Text value={target.url} />
            </small>
          </th>
          <Figures total={total} />
        </tr>
      ))}
    </tbody>
  </table>
);

export const TopTypes = ({ rows }: { readonly rows: Statistics['byEventType'] }) => (
  <table className="list">
    <Head what="Event type" />
    <tbody>
      {rows.map(({ eventType, total }) => (
        <tr key={eventType.name}>
          <th scope="row">
            <Link href={`/event-types/${eventType.name}`}>
              <code>{eventType.name}</code>
            </Link>
          </th>
          <Figures total={total} />
        </tr>
      ))}
    </tbody>
  </table>
);
