/**
 * Who takes how much of this process at present, to see whether a quiet organization is beside a loud one. Pure: time is a
 * parameter, in milliseconds that never go back.
 *
 *     use      milliseconds of the event loop, about; half of it is forgotten in each HALF_MS
 *     loud     has used LOUD_MS, and a third of what the loudest has used; or was held back in the last minute, and is back
 *     quiet    has done something in the last ACTIVE_MS, and is not loud
 *
 * An organization that is held back would take all there is, and counts as if it did: otherwise it would seem as quiet as the
 * others after a second, and they as loud.
 */

export type Neighbours = {
  /** Counts work of the organization that took about `ms` of the event loop. */
  note(organizationId: string, ms: number, nowMs: number): void;
  /** Notes that work of the organization has to wait: it stays loud, although it uses less now. */
  holdBack(organizationId: string, nowMs: number): void;
  isLoud(organizationId: string, nowMs: number): boolean;
  /** Whether there is a loud organization, and a quiet one. */
  hasQuietBesideLoud(nowMs: number): boolean;
};

const HALF_MS = 1_000;
const LOUD_MS = 100;
const TIMES = 3;
/** What an organization has used that takes all of the event loop. */
const ALL_MS = HALF_MS / Math.LN2;
const ACTIVE_MS = 10_000;
const HELD_BACK_MS = 60_000;
/** How long a comparison is good for: it is asked for in each turn, and there may be thousands of organizations. */
const COMPARE_MS = 20;

type Use = { ms: number; atMs: number; heldBackMs: number };

export function createNeighbours(): Neighbours {
  const uses = new Map<string, Use>();
  let comparedMs = -Infinity;
  let loud: ReadonlySet<string> = new Set();
  let hasQuiet = false;

  function useOf(organizationId: string): Use {
    let use = uses.get(organizationId);
    if (!use) uses.set(organizationId, (use = { ms: 0, atMs: -Infinity, heldBackMs: -Infinity }));
    return use;
  }

  const usedBy = ({ ms, atMs }: Use, nowMs: number): number => ms * 0.5 ** ((nowMs - atMs) / HALF_MS);

  const isHeldBack = ({ heldBackMs }: Use, nowMs: number): boolean => nowMs - heldBackMs < HELD_BACK_MS;

  const isActive = ({ atMs }: Use, nowMs: number): boolean => nowMs - atMs <= ACTIVE_MS;

  function compare(nowMs: number): void {
    if (nowMs - comparedMs < COMPARE_MS) return;
    comparedMs = nowMs;
    let loudestMs = 0;
    for (const [organizationId, use] of uses) {
      if (!isActive(use, nowMs)) {
        if (!isHeldBack(use, nowMs)) uses.delete(organizationId);
      } else loudestMs = Math.max(loudestMs, isHeldBack(use, nowMs) ? ALL_MS : usedBy(use, nowMs));
    }
    const found = new Set<string>();
    let quiet = 0;
    for (const [organizationId, use] of uses) {
      if (!isActive(use, nowMs)) continue;
      const ms = usedBy(use, nowMs);
      if (isHeldBack(use, nowMs) || (ms >= LOUD_MS && ms * TIMES > loudestMs)) found.add(organizationId);
      else quiet++;
    }
    loud = found;
    hasQuiet = quiet > 0;
  }

  return {
    note(organizationId, ms, nowMs) {
      const use = useOf(organizationId);
      use.ms = (use.ms === 0 ? 0 : usedBy(use, nowMs)) + ms;
      use.atMs = nowMs;
    },
    holdBack(organizationId, nowMs) {
      useOf(organizationId).heldBackMs = nowMs;
    },
    isLoud(organizationId, nowMs) {
      compare(nowMs);
      return loud.has(organizationId);
    },
    hasQuietBesideLoud(nowMs) {
      compare(nowMs);
      return loud.size > 0 && hasQuiet;
    },
  };
}
