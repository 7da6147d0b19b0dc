/** Puts claims that their lanes do not take back into the database, many in one transaction. */
import type { Clock } from '../../clock.ts';
import type { Claim } from '../deliver/claim.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { Holder } from './hold.ts';
import type { Scheduler } from './scheduler.ts';
import { createRounds } from './rounds.ts';

export type Holding = {
  /** Holds the claims soon, and tries until Postgres has taken them. */
  add(claims: readonly Claim[]): void;
  /** Tries again after a failure. */
  ask(): void;
  /** Takes out the claims that are not held yet, for a worker that stops. */
  takeAll(): Claim[];
  readonly isRunning: boolean;
};

type Options = {
  readonly holder: Pick<Holder, 'hold'>;
  readonly scheduler: Scheduler;
  readonly heartbeat: Heartbeat;
  readonly clock: Clock;
  /** Gets the claims that are held now: their lanes may have room meanwhile. */
  readonly onHeld: (claims: readonly Claim[]) => void;
  readonly onError: (error: unknown) => void;
  readonly onEnd: () => void;
};

export function createHolding({ holder, scheduler, heartbeat, clock, onHeld, onError, onEnd }: Options): Holding {
  let toHold: Claim[] = [];

  async function holdSome(): Promise<boolean> {
    const holding = toHold;
    toHold = [];
    if (holding.length === 0) return false;
    try {
      await holder.hold(holding.map(({ job }) => job));
    } catch (error) {
      toHold.push(...holding); // They are still claimed, and the next round holds them.
      throw error;
    }
    for (const { job } of holding) heartbeat.delete(job);
    scheduler.held(holding, clock.monotonicMs());
    onHeld(holding);
    return toHold.length > 0;
  }

  const rounds = createRounds({ round: holdSome, onError, onEnd });
  const ask = () => {
    if (toHold.length > 0) rounds.ask();
  };
  return {
    add(claims) {
      toHold.push(...claims);
      ask();
    },
    ask,
    takeAll: () => toHold.splice(0),
    get isRunning() {
      return rounds.isRunning;
    },
  };
}
