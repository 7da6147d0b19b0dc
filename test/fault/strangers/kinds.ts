/**
 * A hundred anonymous connections, each of one kind of attack. Each begins an attempt every `everyMs` at the most, whatever it
 * attacks: so a server that refuses at once has the same load. What it cannot begin in time it does not make up for. Together
 * they want about 800 attempts and 330 MB a second. Release 0.1.0 stands still at five attempts a second.
 */
import { drip, floodSocket, halfOpen, send, silentSocket, withhold, type Attempt } from './attempts.ts';
import { ALIASES, BIG_BODIES, FRAGMENT_CYCLE, garbageKey, HELLO, INTROSPECTION, SUBSCRIPTION } from './documents.ts';

export type Kind = {
  readonly name: string;
  readonly connections: number;
  readonly everyMs: number;
  readonly attempt: Attempt;
};

let turn = 0;
/** Both lists by turns, declared and in chunks by turns. */
const bigBody: Attempt = (stranger) => {
  turn++;
  return send(stranger, { body: BIG_BODIES[turn % 2]!, isDeclared: turn % 4 < 2 });
};

export const KINDS: readonly Kind[] = [
  { name: 'big bodies', connections: 15, everyMs: 500, attempt: bigBody },
  { name: 'aliases', connections: 15, everyMs: 100, attempt: (stranger) => send(stranger, { body: ALIASES }) },
  {
    name: 'public keys',
    connections: 5,
    everyMs: 40,
    attempt: (stranger) => send(stranger, { path: '/.well-known/jwks.json' }),
  },
  {
    name: 'fragment cycles',
    connections: 10,
    everyMs: 100,
    attempt: (stranger) => send(stranger, { body: FRAGMENT_CYCLE }),
  },
  {
    name: 'introspection',
    connections: 5,
    everyMs: 200,
    attempt: (stranger) => send(stranger, { body: INTROSPECTION }),
  },
  {
    name: 'garbage keys',
    connections: 10,
    everyMs: 40,
    // Each over a connection of its own.
    attempt: (stranger) => send(stranger, { body: HELLO, headers: { 'x-api-key': garbageKey(), connection: 'close' } }),
  },
  {
    name: 'SSE without key',
    connections: 5,
    everyMs: 100,
    attempt: (stranger) => send(stranger, { body: SUBSCRIPTION, headers: { accept: 'text/event-stream' } }),
  },
  { name: 'silent sockets', connections: 10, everyMs: 200, attempt: silentSocket },
  { name: 'socket floods', connections: 5, everyMs: 100, attempt: floodSocket },
  { name: 'half-open', connections: 10, everyMs: 200, attempt: halfOpen },
  { name: 'slow bodies', connections: 5, everyMs: 200, attempt: drip },
  { name: 'withheld bodies', connections: 5, everyMs: 500, attempt: withhold },
];

/** One connection's attacks, until the signal. */
export async function attack(kind: Kind, stranger: Parameters<Attempt>[0], firstMs: number): Promise<void> {
  let dueMs = performance.now() + firstMs;
  while (!stranger.signal.aborted) {
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (stranger.signal.aborted) return;
    dueMs = Math.max(dueMs + kind.everyMs, performance.now());
    stranger.tally.attempt();
    await kind.attempt(stranger);
  }
}
