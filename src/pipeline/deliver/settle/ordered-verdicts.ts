/**
 * Settles verdicts of ordered deliveries. Another session may hold the lock of a chain for long: then the outcomes of its
 * organization wait, and those of no other one.
 *
 *     together   many organizations in one transaction, which takes the locks only if all are free
 *     apart      an organization of which one was not free: it waits for a while, then comes last, and waits longer in its next turn
 *
 * An organization is apart until none of its verdicts waits there. So outcomes of one target count in the order in which they
 * ended.
 */
import { createBatch } from '../../../database/batch.ts';
import { lockBriefly, lockIfFree, type ChainLocking } from '../../../live/order/lock-chains.ts';
import type { Verdict } from '../judge.ts';
import { BATCH_VERDICTS, type SettlerOptions } from './settle-options.ts';
import { ChainsAreBusy, settlePieces, type Settled } from './settle-pieces.ts';

export type OrderedVerdicts = { settle(verdict: Verdict): Promise<Settled> };

type Options = {
  readonly settlerOptions: SettlerOptions;
  /** Settles the verdicts in one transaction. Returns those that have changed since they were claimed. Throws ChainsAreBusy. */
  readonly settleUnchanged: (verdicts: readonly Verdict[], locking: ChainLocking) => Promise<readonly Verdict[]>;
  /** The same, and settles those after it. */
  readonly settleAll: (verdicts: readonly Verdict[], locking: ChainLocking) => Promise<void>;
  /** Returns those of the deliveries of which others hold the locks. */
  readonly findBusy: (deliveryIds: readonly string[]) => Promise<readonly string[]>;
};

type Waiting = PromiseWithResolvers<Settled> & { readonly verdict: Verdict };

const ownerOf = ({ claim }: Verdict): string => claim.organizationId;

/** How long an organization waits in its first turn, and at most in a later one. Others that are apart come after it. */
const WAIT_MS = 250;
const MOST_WAIT_MS = 2_000;
/** How many turns pass between two reports of an organization that waits: about 15 seconds. */
const TURNS_TOLD = 10;

export function createOrderedVerdicts({
  settlerOptions,
  settleUnchanged,
  settleAll,
  findBusy,
}: Options): OrderedVerdicts {
  /** What is apart, by organization, in the order of their turns. */
  const queues = new Map<string, { readonly waiting: Waiting[]; turns: number }>();
  let isServing = false;

  const together = createBatch<Verdict, Settled | Promise<Settled>>({
    parallel: 1,
    maxWeight: BATCH_VERDICTS,
    weigh: () => 1,
    run: settleTogether,
  });

  async function settleTogether(verdicts: readonly Verdict[]): Promise<(Settled | Promise<Settled>)[]> {
    const settled = new Map<Verdict, Settled>();
    const changed = new Set<Verdict['claim']>();
    let rest = verdicts.filter((verdict) => !queues.has(ownerOf(verdict)));
    while (rest.length > 0) {
      try {
        const settling = async (piece: readonly Verdict[]) => {
          for (const { claim } of await settleUnchanged(piece, lockIfFree)) changed.add(claim);
        };
        const results = await settlePieces(settlerOptions, settling, rest);
        rest.forEach((verdict, index) => changed.has(verdict.claim) || settled.set(verdict, results[index]));
        break;
      } catch (error) {
        if (!(error instanceof ChainsAreBusy)) throw error;
        const busy = await findBusyOwners(rest);
        rest = rest.filter((verdict) => !busy.has(ownerOf(verdict)));
      }
    }
    return verdicts.map((verdict) => (settled.has(verdict) ? settled.get(verdict) : setApart(verdict)));
  }

  /** The organizations whose locks are not free: all of them, where they have just become free. */
  async function findBusyOwners(verdicts: readonly Verdict[]): Promise<ReadonlySet<string>> {
    const owners = new Set(verdicts.map(ownerOf));
    if (owners.size === 1) return owners;
    const ids = verdicts.map(({ claim }) => claim.deliveryId);
    const busy = new Set(await findBusy(ids).catch(() => [])); // PostgreSQL is away: all find that out apart.
    return busy.size === 0 ? owners : new Set(verdicts.filter(({ claim }) => busy.has(claim.deliveryId)).map(ownerOf));
  }

  function setApart(verdict: Verdict): Promise<Settled> {
    const waiting = { ...Promise.withResolvers<Settled>(), verdict };
    const queue = queues.get(ownerOf(verdict));
    if (queue) queue.waiting.push(waiting);
    else queues.set(ownerOf(verdict), { waiting: [waiting], turns: 0 });
    if (!isServing) void serve();
    return waiting.promise;
  }

  async function serve(): Promise<void> {
    isServing = true;
    for (const [owner, queue] of queues) {
      const taken = queue.waiting.slice(0, BATCH_VERDICTS);
      const isOver = await settleApart(taken, Math.min(WAIT_MS * 2 ** queue.turns, MOST_WAIT_MS));
      if (isOver) queue.waiting.splice(0, taken.length);
      queue.turns = isOver ? 0 : queue.turns + 1;
      if (queue.turns > 0 && queue.turns % TURNS_TOLD === 0) settlerOptions.onError(stillBusy(owner));
      queues.delete(owner); // What is set after it comes last in this very loop.
      if (queue.waiting.length > 0) queues.set(owner, queue);
    }
    isServing = false;
  }

  /** Returns whether the verdicts are settled, or given up. */
  async function settleApart(taken: readonly Waiting[], waitMs: number): Promise<boolean> {
    const verdicts = taken.map(({ verdict }) => verdict);
    const settling = (piece: readonly Verdict[]) => settleAll(piece, lockBriefly(waitMs));
    try {
      const results = await settlePieces(settlerOptions, settling, verdicts);
      taken.forEach(({ resolve }, index) => resolve(results[index]));
    } catch (error) {
      if (error instanceof ChainsAreBusy) return false;
      for (const { reject } of taken) reject(error);
    }
    return true;
  }

  return {
    settle: async (verdict) => await (queues.has(ownerOf(verdict)) ? setApart(verdict) : together.add(verdict)),
  };
}

const stillBusy = (organizationId: string): Error =>
  new Error(
    `Another session holds the lock of a chain of organization ${organizationId}: its ordered outcomes wait for it`,
  );
