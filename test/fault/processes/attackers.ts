/** Attacks in a process of its own, at rates that do not depend on what they hit, for as long as they are told. */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { KINDS, type Kind, type Outcome, type Where } from './attack-kinds.ts';

export type ToAttackers = {
  readonly kinds: readonly string[];
  readonly origin: string;
  readonly apiKeys: readonly string[];
  readonly oldCursor: string;
  readonly seconds: number;
};

export type FromAttackers = {
  /** Of each kind: how many acts came to what, and the bytes that were read. */
  readonly reached: Readonly<Record<string, { counts: Record<string, number>; bytes: number }>>;
  /** What the attackers themselves took of the machine. */
  readonly cpuMs: number;
};

async function repeat(kind: Kind, where: Where, note: (outcome: Outcome) => void): Promise<void> {
  const startMs = performance.now();
  const open = new Set<Promise<void>>();
  for (let nth = 0; !where.signal.aborted; nth++) {
    const waitMs = Math.max(0, startMs + (nth * 1_000) / kind.perSecond - performance.now());
    await delay(waitMs, undefined, { signal: where.signal }).catch(() => {});
    if (open.size === kind.atOnce) await Promise.race(open);
    if (where.signal.aborted) break; // A stream that opened now would stay.
    const act: Promise<void> = kind
      .act(where)
      .catch(() => ({ what: where.signal.aborted ? 'under way' : 'no answer', bytes: 0 }))
      .then(note)
      .finally(() => open.delete(act));
    open.add(act);
  }
  await Promise.all(open);
}

async function attack({ kinds, origin, apiKeys, oldCursor, seconds }: ToAttackers): Promise<void> {
  const end = new AbortController();
  setMaxListeners(0, end.signal); // Each stream that is open has one.
  setTimeout(() => end.abort(), seconds * 1_000);
  let turn = 0;
  const apiKey = () => apiKeys[turn++ % apiKeys.length]!;
  const before = process.cpuUsage();
  const reached: Record<string, { counts: Record<string, number>; bytes: number }> = {};
  const run = (name: string) => {
    const own = (reached[name] = { counts: {} as Record<string, number>, bytes: 0 });
    return repeat(KINDS[name]!, { origin, apiKey, oldCursor, signal: end.signal }, ({ what, bytes }) => {
      own.counts[what] = (own.counts[what] ?? 0) + 1;
      own.bytes += bytes;
    });
  };
  await Promise.all(kinds.map(run));
  const { user, system } = process.cpuUsage(before);
  process.send!({ reached, cpuMs: (user + system) / 1_000 } satisfies FromAttackers);
}

process.on('message', (message: ToAttackers) => void attack(message));
process.on('disconnect', () => process.exit());
