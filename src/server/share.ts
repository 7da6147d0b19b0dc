/** Operations of the API wait for their organization's share of this process (fairness/fair-share.ts). */
import type { Caller } from '../access/caller.ts';
import { RequestError } from '../errors.ts';
import type { FairShare, Turn } from '../fairness/fair-share.ts';
import type { BodyBytes } from './intake/body-budget.ts';
import type { RequestRecord } from './request-record.ts';

/** Nobody hears of it. */
export const GONE = new RequestError('SERVICE_UNAVAILABLE', 'The client left while its operation waited for its turn.');

export const BUSY = new RequestError(
  'SERVICE_UNAVAILABLE',
  'Too many operations of this organization are waiting for their turn. Try again in a second.',
);

/** A platform admin acts for all organizations, and a stranger for none: they never wait. */
const NO_TURN: Turn = { startReading: () => undefined, endReading() {}, end() {} };

/** Waits for the turn of an operation. End it once, when the operation has ended; null: too many wait. */
export async function beginShared(fairShare: Pick<FairShare, 'begin'>, caller: Caller | null): Promise<Turn | null> {
  return caller && !caller.isPlatformAdmin ? fairShare.begin(caller.organizationId) : NO_TURN;
}

/** Executes an operation; a query when its organization has room for what the answer holds. */
export function executeInTurn<Answer>(
  { kind, turn, bodyBytes }: RequestRecord,
  execute: () => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  return kind === 'query' && turn ? readInTurn(turn, bodyBytes, execute) : execute();
}

async function readInTurn<Answer>(
  turn: Turn,
  bodyBytes: BodyBytes | null,
  execute: () => Answer | Promise<Answer>,
): Promise<Answer> {
  const wait = turn.startReading();
  if (wait) bodyBytes?.endTurn(); // Others may need it before this one reads.
  if ((await wait) === false) throw GONE;
  try {
    return await execute();
  } finally {
    turn.endReading();
  }
}
