/**
 * Finds where the stream stands in a snapshot, for one organization. The answer must not move with every change of other
 * organizations, or a client that asks often could count them. So it is the later of two positions:
 *
 *     own      the position of the organization's newest final change in the snapshot
 *     common   the newest final position of all organizations, as it stood within the last COMMON_MS
 *
 * All changes that the snapshot does not show come after both. Without the common position, retention would soon overtake
 * the cursor of an organization that has few changes.
 */
import type { Clock } from '../../clock.ts';
import type { Reader } from '../../database/statement.ts';
import { isSame, later, ORIGIN, type StreamPosition } from './cursor.ts';
import type { History } from '../history.ts';

/** In this time an organization can see at most once that others have made changes. */
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
    // An older snapshot does not have the change, nor does a server that lost it in a failover.
    const isThere = known && there && isSame(known, there);
    const everybodys = isThere ? known : await readCommon(snapshot);
    return own ? later(own, everybodys) : everybodys;
  };
}
