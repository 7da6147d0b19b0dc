/**
 * Where the stream stands in a snapshot, for one organization: what it can see of that must not change with every change of
 * the others, or whoever asks often counts them. So it is one of two positions, the later one:
 *
 *     own      that of the organization's newest final change in the snapshot
 *     common   the newest final position of everybody, as it stood within the last COMMON_MS
 *
 * All that the snapshot does not show comes after both. Without the common one, retention would soon overtake the cursor of
 * an organization that has few changes.
 */
import type { Clock } from '../../clock.ts';
import type { Reader } from '../../database/statement.ts';
import { isSame, later, ORIGIN, type StreamPosition } from './cursor.ts';
import type { History } from '../history.ts';

/** That somebody has made a change is all that shows in this time. */
const COMMON_MS = 60_000;

export type Standing = (snapshot: Reader, organizationId: string) => Promise<StreamPosition>;

export function createStanding(history: Pick<History<any, any>, 'latest' | 'newestOf'>, clock: Clock): Standing {
  let common: StreamPosition | undefined;
  let readAtMs = -Infinity;

  const readCommon = async (snapshot: Reader): Promise<StreamPosition> => {
    const { before } = await history.latest(0, snapshot);
    [common, readAtMs] = [before, clock.monotonicMs()];
    return before;
  };

  return async (snapshot, organizationId) => {
    const known = clock.monotonicMs() - readAtMs < COMMON_MS ? common : undefined;
    const [own, there] = await history.newestOf(organizationId, known ?? ORIGIN, snapshot);
    // An older snapshot, or one of a server that lost the change in a failover, does not have it.
    const isThere = known && there && isSame(known, there);
    const everybodys = isThere ? known : await readCommon(snapshot);
    return own ? later(own, everybodys) : everybodys;
  };
}
