/**
 * The operations of each organization that are under way, each in a place. An organization that has to leave room to others has
 * MOST_UNDER_WAY places. MOST_READING of them are for queries that read: another query gives its place back while it waits to
 * read, so that no mutation waits for queries that wait themselves.
 *
 *     waits ──▶ under way ──a query, while another one reads──▶ waits to read ──▶ under way, reads ──▶ answers
 *
 * Who waits goes on in the order in which the waits began. Without restraint nobody waits.
 */
export type Places = {
  take(organizationId: string): OperationPlace;
  /** How many operations of the organization wait. */
  waiting(organizationId: string): number;
  /** Which part of the operations under way is whose. */
  parts(): Iterable<readonly [organizationId: string, part: number]>;
};

/** The place of one operation. */
export type OperationPlace = {
  /** Resolves when the operation is under way. Undefined: it is. */
  readonly begun: Promise<unknown> | undefined;
  /**
   * Waits until a query may read; false: it has ended meanwhile. Undefined: it may now. Call `endReading` once, when it has read
   * everything.
   */
  startReading(): Promise<boolean> | false | undefined;
  endReading(): void;
  /**
   * Ends the operation: it has been answered, or its client has left. One that reads keeps its place until it has read everything.
   * Further calls do nothing.
   */
  end(): void;
};

/** What an operation costs shows only later. */
const MOST_UNDER_WAY = 2;
/**
 * What a large answer holds lives until the answer is there, most of the time in pauses. Two at once outlive V8's young
 * generation, and the collections that follow stop everybody for 5 to 20 ms, several times a second.
 */
const MOST_READING = 1;

type Waiter = { readonly reads: boolean; readonly goOn: () => void };
/** Of one organization. `waiters` are in the order of their arrival. */
type Operations = { underWay: number; reading: number; readersWaiting: number; readonly waiters: Set<Waiter> };

export function createPlaces(isRestrained: (organizationId: string) => boolean): Places {
  const byOrganization = new Map<string, Operations>();
  let allUnderWay = 0;

  function operationsOf(organizationId: string): Operations {
    const found = byOrganization.get(organizationId) ?? {
      underWay: 0,
      reading: 0,
      readersWaiting: 0,
      waiters: new Set(),
    };
    byOrganization.set(organizationId, found);
    return found;
  }

  const isFull = ({ underWay }: Operations): boolean => underWay >= MOST_UNDER_WAY;
  const isRead = ({ reading }: Operations): boolean => reading >= MOST_READING;
  const remove = (waiter: Waiter, operations: Operations): boolean => {
    const isThere = operations.waiters.delete(waiter);
    if (isThere && waiter.reads) operations.readersWaiting--;
    return isThere;
  };

  /** Lets in who can go on now. */
  function letIn(organizationId: string, operations: Operations): void {
    const { waiters } = operations;
    const waits = waiters.size > 0 && isRestrained(organizationId);
    for (const waiter of waiters) {
      if (waits && isFull(operations)) break;
      if (waits && waiter.reads && isRead(operations)) continue;
      remove(waiter, operations);
      waiter.goOn();
    }
  }

  /** An operation has ended, or has read everything. */
  function giveBack(organizationId: string, operations: Operations): void {
    letIn(organizationId, operations);
    const { underWay, reading, waiters } = operations;
    if (underWay + reading + waiters.size === 0) byOrganization.delete(organizationId);
  }

  function take(organizationId: string): OperationPlace {
    const operations = operationsOf(organizationId);
    let [isUnderWay, isReading, hasEnded] = [false, false, false];
    let giveUp = () => {};

    function arrive(): void {
      isUnderWay = true;
      operations.underWay++;
      allUnderWay++;
    }

    function leave(): void {
      if (!isUnderWay) return;
      isUnderWay = false;
      operations.underWay--;
      allUnderWay--;
    }

    function beginReading(): undefined {
      isReading = true;
      operations.reading++;
    }

    function wait(reads: boolean): Promise<boolean> {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const goOn = () => {
        arrive();
        if (reads) beginReading();
        resolve(true);
      };
      const waiter = { reads, goOn };
      operations.waiters.add(waiter);
      if (reads) operations.readersWaiting++;
      giveUp = () => {
        if (remove(waiter, operations)) resolve(false);
      };
      return promise;
    }

    letIn(organizationId, operations);
    const begun = isFull(operations) && isRestrained(organizationId) ? wait(false) : undefined;
    if (!begun) arrive();
    return {
      begun,
      startReading() {
        if (hasEnded) return false;
        const isNext = !isRead(operations) && operations.readersWaiting === 0;
        if (isNext || !isRestrained(organizationId)) return beginReading();
        leave();
        const turn = wait(true);
        letIn(organizationId, operations);
        return turn;
      },
      endReading() {
        isReading = false;
        operations.reading--;
        if (hasEnded) leave();
        giveBack(organizationId, operations);
      },
      end() {
        if (hasEnded) return;
        hasEnded = true;
        giveUp();
        if (isReading) return;
        leave();
        giveBack(organizationId, operations);
      },
    };
  }

  return {
    take,
    waiting: (organizationId) => byOrganization.get(organizationId)?.waiters.size ?? 0,
    *parts() {
      for (const [organizationId, { underWay }] of byOrganization) {
        if (underWay > 0) yield [organizationId, underWay / allUnderWay];
      }
    },
  };
}
