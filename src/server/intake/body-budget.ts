import { createTurnQueue } from '../../domain/turn-queue.ts';

/**
 * How many bytes of requests one process has in memory at once: bodies over HTTP and messages over WebSocket, from their first
 * byte until their operation is answered, or its stream is open. Beyond it a request is refused at once: a request that waits
 * would keep its bytes in memory.
 *
 * One organization gets at most half, and all callers without an API key together a sixteenth, so none of them can keep the
 * others out.
 *
 * A large body takes some ten times its bytes while its operation runs: text, values, events and what goes to PostgreSQL. So only
 * one of them is worked on at a time, and organizations take turns.
 */
export type BodyBudget = {
  /** Opens the account of one body. `organizationId` is null for callers without an API key. */
  open(organizationId: string | null): BodyBytes;
};

/** What one body has of the budget. */
export type BodyBytes = {
  /** Takes `bytes` more. False: there is no room for them, and nothing was taken. */
  take(bytes: number): boolean;
  /**
   * Asks to work on the body, once, when all of it is there. Undefined: go on now. A promise: go on when it resolves with true;
   * false: its turn did not come in time. The turn ends with `release`.
   */
  begin(): Promise<boolean> | undefined;
  /** Gives back its turn, and keeps its bytes. Idempotent. */
  endTurn(): void;
  /** Gives back all bytes that the body took, and its turn. Idempotent. */
  release(): void;
};

const ORGANIZATION_SHARE = 1 / 2;
const STRANGERS_SHARE = 1 / 16;

const LARGE_BYTES = 1_024 * 1_024;
/** Shorter than clients wait. While PostgreSQL hangs, the body that is worked on keeps its turn for 10 s. */
const PATIENCE_MS = 10_000;

type Options = { readonly patienceMs?: number };

export function createBodyBudget(totalBytes: number, { patienceMs = PATIENCE_MS }: Options = {}): BodyBudget {
  const turns = createTurns(patienceMs);
  /** Bytes taken by each organization; null: by all callers without an API key. */
  const taken = new Map<string | null, number>();
  let allBytes = 0;

  return {
    open(organizationId) {
      const share = organizationId === null ? STRANGERS_SHARE : ORGANIZATION_SHARE;
      let ownBytes = 0;
      let turn: Turn | undefined;
      const endTurn = (): void => {
        turn?.end();
        turn = undefined;
      };
      return {
        begin() {
          if (ownBytes <= LARGE_BYTES) return undefined;
          turn = turns.ask(String(organizationId));
          return turn.granted;
        },
        take(bytes) {
          const heldBytes = taken.get(organizationId) ?? 0;
          if (allBytes + bytes > totalBytes || heldBytes + bytes > totalBytes * share) return false;
          taken.set(organizationId, heldBytes + bytes);
          allBytes += bytes;
          ownBytes += bytes;
          return true;
        },
        endTurn,
        release() {
          endTurn();
          if (ownBytes === 0) return;
          const leftBytes = taken.get(organizationId)! - ownBytes;
          if (leftBytes > 0) taken.set(organizationId, leftBytes);
          else taken.delete(organizationId);
          allBytes -= ownBytes;
          ownBytes = 0;
        },
      };
    },
  };
}

type Turn = { readonly granted: Promise<boolean>; end(): void };

function createTurns(patienceMs: number) {
  const waiting = createTurnQueue<() => boolean>();
  let isTaken = false;

  /** Who has left meanwhile takes no turn. */
  function next(): void {
    for (let enter; !isTaken && (enter = waiting.take());) isTaken = enter();
  }

  return {
    ask(owner: string): Turn {
      const { promise: granted, resolve } = Promise.withResolvers<boolean>();
      let state: 'waiting' | 'running' | 'over' = 'waiting';
      const leave = () => {
        state = 'over';
        resolve(false);
      };
      const timer = setTimeout(leave, patienceMs);
      waiting.add(owner, () => {
        if (state === 'over') return false;
        clearTimeout(timer);
        state = 'running';
        resolve(true);
        return true;
      });
      next();
      return {
        granted,
        end() {
          clearTimeout(timer);
          if (state === 'running') isTaken = false;
          leave();
          next();
        },
      };
    },
  };
}
