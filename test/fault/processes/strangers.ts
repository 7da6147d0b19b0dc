/** Half of the strangers, in a process of their own: attacks the port it is told of, and reports what it reached. */
import { Agent } from 'node:http';
import { attack, KINDS } from '../strangers/kinds.ts';
import { createTally, type KindReport } from '../strangers/tally.ts';

export type ToStrangers = {
  readonly port: number;
  readonly forMs: number;
  /** Which of how many processes this one is. */
  readonly part: number;
  readonly parts: number;
};

export type StrangersReport = { readonly kinds: readonly KindReport[]; readonly cpuMs: number };

const SAMPLE_MS = 250;

/** Half of the strangers share an address, and each of the others has one of its own: limits by address stop neither alone. */
function addressOf(index: number): string {
  if (process.platform !== 'linux') return '127.0.0.1'; // Others have to be set up there.
  return index % 4 < 2 ? '127.0.0.2' : `127.0.1.${index + 1}`;
}

process.once('message', async ({ port, forMs, part, parts }: ToStrangers) => {
  const ending = new AbortController();
  const { signal } = ending;
  let index = 0;
  const tallies = KINDS.map((kind) => {
    const own = Array.from({ length: kind.connections }, () => index++).filter((each) => each % parts === part);
    const tally = createTally(kind.name, own.length);
    const strangers = own.map((each) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const stranger = { port, localAddress: addressOf(each), agent, tally, signal };
      return attack(kind, stranger, (each / KINDS.length) * 10);
    });
    return { tally, done: Promise.all(strangers) };
  });
  const sampling = setInterval(() => tallies.forEach(({ tally }) => tally.sample()), SAMPLE_MS);
  await new Promise((resolve) => setTimeout(resolve, forMs));
  clearInterval(sampling);
  const kinds = tallies.map(({ tally }) => tally.report());
  const { user, system } = process.cpuUsage();
  ending.abort();
  process.send!({ kinds, cpuMs: (user + system) / 1_000 } satisfies StrangersReport, () => process.exit());
});
process.on('disconnect', () => process.exit());
