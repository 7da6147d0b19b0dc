/**
 * Places for work of each organization that is under way: a few while it is restrained, and any number while it is not. Work
 * without a place waits behind the other work of its organization.
 */
export type Places = {
  /** Takes a place: at once (undefined), or when the promise resolves. */
  take(organizationId: string): Promise<void> | undefined;
  /** Gives a place back: it goes to the next one that waits; without restraint, all of them go on. */
  give(organizationId: string): void;
  /** How many wait. */
  waiting(organizationId: string): number;
  /** How many places are taken, by organization; `sum`: in all. */
  readonly taken: PlaceCounts;
};

export function createPlaces(most: number, isRestrained: (organizationId: string) => boolean): Places {
  const taken = createPlaceCounts();
  const behind = new Map<string, (() => void)[]>();
  const isFull = (organizationId: string): boolean => taken.of(organizationId) >= most && isRestrained(organizationId);
  return {
    take(organizationId) {
      const others = behind.get(organizationId);
      if (!others && !isFull(organizationId)) return void taken.add(organizationId);
      return new Promise((goOn) => {
        if (others) others.push(goOn);
        else behind.set(organizationId, [goOn]);
      });
    },
    give(organizationId) {
      taken.remove(organizationId);
      const others = behind.get(organizationId) ?? [];
      while (others.length > 0) {
        if (isFull(organizationId)) return;
        taken.add(organizationId);
        others.shift()!();
      }
      behind.delete(organizationId);
    },
    waiting: (organizationId) => behind.get(organizationId)?.length ?? 0,
    taken,
  };
}

export type PlaceCounts = Iterable<readonly [name: string, count: number]> & {
  of(name: string): number;
  add(name: string): void;
  remove(name: string): void;
  readonly sum: number;
};

export function createPlaceCounts(): PlaceCounts {
  const counts = new Map<string, number>();
  let sum = 0;
  const of = (name: string): number => counts.get(name) ?? 0;
  return {
    of,
    add(name) {
      sum++;
      counts.set(name, of(name) + 1);
    },
    remove(name) {
      sum--;
      if (of(name) === 1) counts.delete(name);
      else counts.set(name, of(name) - 1);
    },
    get sum() {
      return sum;
    },
    [Symbol.iterator]: () => counts[Symbol.iterator](),
  };
}
