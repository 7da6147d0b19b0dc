/** Gives lanes their turns: organizations one after the other, and each organization's lanes one after the other. */
import type { Lane } from './lanes/lane.ts';

export type RoundRobin = {
  /** Adds the lane at the end of its organization's lanes, unless it is there already. */
  add(lane: Lane): void;
  delete(lane: Lane): void;
  /** Takes out the lane whose turn it is. Organizations for which `isSated` is true are passed over, and keep their turn. */
  take(isSated?: (organizationId: string, isAlone: boolean) => boolean): Lane | undefined;
};

export function createRoundRobin(): RoundRobin {
  const organizations = new Map<string, Set<Lane>>(); // Insertion order is the order of turns.

  return {
    add(lane) {
      const lanes = organizations.get(lane.organizationId);
      if (lanes) lanes.add(lane);
      else organizations.set(lane.organizationId, new Set([lane]));
    },
    delete(lane) {
      const lanes = organizations.get(lane.organizationId);
      if (lanes?.delete(lane) && lanes.size === 0) organizations.delete(lane.organizationId);
    },
    take(isSated = () => false) {
      const isAlone = organizations.size === 1;
      for (const [organizationId, lanes] of organizations) {
        if (isSated(organizationId, isAlone)) continue;
        const [lane] = lanes;
        lanes.delete(lane!);
        organizations.delete(organizationId);
        if (lanes.size > 0) organizations.set(organizationId, lanes);
        return lane;
      }
      return undefined;
    },
  };
}
