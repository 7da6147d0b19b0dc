/**
 * One organization does the worst it can with its keys; the deliveries of another one go on. Both are measured on the same
 * processes: while the attackers hit the service, and while they hit a server that refuses everything, at the same rates.
 */
import { availableParallelism, loadavg } from 'node:os';
import { percentile } from './stage/check.ts';
import { setNeighbours, type Played } from './stage/neighbour-stage.ts';
import { KINDS } from './processes/attack-kinds.ts';
import { checkOutReleaseBefore } from './stage/release-before.ts';
import { clearLater } from './stage/stage.ts';
import type { Print } from './stream.ts';

/** The median of the rounds counts: a pause of the machine, in whichever phase, decides the p99 of one of them. */
const ROUNDS = 5;
const WARM_UP_SECONDS = 5;
const PHASE_SECONDS = 12;
/** Of the p99 of deliveries without the attack. */
const MOST_TIMES = 2;

/** `only`: kinds of attack, for a diagnosis. */
export async function testNeighbours(print: Print, only: readonly string[]): Promise<void> {
  const times = await measure(kindsOf(only), print);
  if (times > MOST_TIMES) {
    throw new Error(`p99 of a neighbour's deliveries: at most ${MOST_TIMES} times idle, got ${times.toFixed(1)}`);
  }
}

/** The attackers must be strong enough to hurt the release before. A part of the attack need not. */
export async function controlNeighbours(print: Print, only: readonly string[]): Promise<void> {
  const kinds = kindsOf(only);
  await using release = await checkOutReleaseBefore();
  if (!release) return print('skipped: the history of this folder does not have the release before');
  const times = await measure(kinds, print, release.main);
  if (only.length > 0 || times > MOST_TIMES) return;
  throw new Error(`Release ${release.version} must break the budget, and takes ${times.toFixed(1)} times idle`);
}

function kindsOf(only: readonly string[]): readonly string[] {
  const unknown = only.filter((kind) => !(kind in KINDS));
  if (unknown.length > 0) throw new Error(`Unknown: ${unknown.join(', ')}. Attacks: ${Object.keys(KINDS).join(', ')}`);
  return only.length > 0 ? only : Object.keys(KINDS);
}

/** How many times the p99 of idle deliveries those beside the attack take: the median of the rounds. */
async function measure(kinds: readonly string[], print: Print, main?: string): Promise<number> {
  await using stack = new AsyncDisposableStack();
  clearLater(stack);
  const [load] = loadavg();
  print(
    `load of the machine: ${load!.toFixed(1)} for ${availableParallelism()} processors; others at work blur the measure`,
  );
  const stage = await setNeighbours(stack, main);
  await stage.play(kinds, WARM_UP_SECONDS, false);
  const [idle, attacked]: [Played[], Played[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    idle.push(await stage.play(kinds, PHASE_SECONDS, false));
    attacked.push(await stage.play(kinds, PHASE_SECONDS, true));
    await stage.clear();
  }
  for (const kind of kinds) print(`${kind}: ${describeReached(kind, attacked)}`);
  print(`idle, the attackers at a server that refuses: ${describe(idle)}`);
  print(`attacked: ${describe(attacked)}`);
  const perRound = attacked.map((played, round) => p99Of([played]) / p99Of([idle[round]!]));
  const times = percentile(perRound, 0.5);
  print(
    `p99 of the neighbour's deliveries: ${times.toFixed(2)} times idle, of at most ${MOST_TIMES}; ` +
      `in each round ${perRound.map((each) => each.toFixed(2)).join(', ')}; ` +
      `of all rounds together ${(p99Of(attacked) / p99Of(idle)).toFixed(2)}`,
  );
  return times;
}

const deliveriesOf = (played: readonly Played[]): number[] => played.flatMap(({ bystander }) => bystander.deliveryMs);

const p99Of = (played: readonly Played[]): number => percentile(deliveriesOf(played), 0.99);

function describe(played: readonly Played[]): string {
  const all = deliveriesOf(played);
  const [p50, p99, most] = [0.5, 0.99, 1].map((share) => percentile(all, share).toFixed(0));
  const publishMs = percentile(
    played.flatMap(({ bystander }) => bystander.publishMs),
    0.99,
  ).toFixed(0);
  const sum = (of: 'missing' | 'refused') => played.reduce((total, { bystander }) => total + bystander[of], 0);
  return (
    `${all.length} deliveries: p50 ${p50} ms, p99 ${p99} ms, the last ${most} ms, missing ${sum('missing')}; ` +
    `publish p99 ${publishMs} ms, refused ${sum('refused')}; the attackers used ${processorsOf(played)} processors`
  );
}

/** Of the machine that service and PostgreSQL run on: what the attackers cost by themselves. */
function processorsOf(played: readonly Played[]): string {
  const cpuMs = played.reduce((sum, { attackers }) => sum + attackers.cpuMs, 0);
  return (cpuMs / (played.length * PHASE_SECONDS * 1_000)).toFixed(2);
}

/** What the attackers came to: a weak attack proves nothing. */
function describeReached(kind: string, played: readonly Played[]): string {
  const counts = new Map<string, number>();
  let bytes = 0;
  for (const { attackers } of played) {
    const own = attackers.reached[kind]!;
    bytes += own.bytes;
    for (const [what, count] of Object.entries(own.counts)) counts.set(what, (counts.get(what) ?? 0) + count);
  }
  const seconds = ROUNDS * PHASE_SECONDS;
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const outcomes = [...counts].map(([what, count]) => `${what} ${count}`).join(', ');
  return `${(all / seconds).toFixed(1)}/s, ${(bytes / seconds / 1e6).toFixed(1)} MB/s (${outcomes})`;
}
