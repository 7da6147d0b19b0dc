/** The disk of PostgreSQL fills up under load, and has space again. Needs root on Linux, for a small disk in memory. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFolder } from '../support/processes/reaper.ts';
import { runProcess } from '../support/processes/start.ts';
import { CREATE_TARGET } from '../support/service.ts';
import { within } from './stage/check.ts';
import { startCluster } from './stage/cluster.ts';
import { startPublishers } from './stage/publishers.ts';
import { openTargets } from './stage/receipts.ts';
import { startApi, type ApiProcess } from './stage/service.ts';
import { clearLater } from './stage/stage.ts';
import type { Print } from './stream.ts';

const SIZE_MB = 256;
const EVENTS = 2_000;
const REFUSALS = 20;
const RECOVERED_WITHIN_MS = 60_000;

export async function testDisk(print: Print): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return print('skipped: mounting a small disk needs root on Linux');
  await using stack = new AsyncDisposableStack();
  clearLater(stack);
  const directory = await mountDisk(stack);
  const settings = { max_wal_size: '48MB', min_wal_size: '32MB' };
  const cluster = stack.use(await startCluster({ directory, settings }));
  const service = stack.use(await startApi(cluster.databaseUrl, { ROLES: 'api,worker' }));
  const targets = stack.use(await openTargets({ count: 1, answerMs: () => 5, refuses: () => false }));
  await service.current().api(CREATE_TARGET, { url: targets.url(0) });

  const publishers = startPublishers({
    origins: [service.origin],
    publishers: 8,
    events: EVENTS,
    eventTypes: ['user.created'],
    everyMs: 5,
  });
  const play = async () => {
    await publishers.count.reached(EVENTS / 4);
    const filler = await fill(directory);
    await until(async () => publishers.tries.unavailable >= REFUSALS && (await ready(service)) === 503);
    const [acknowledgedThen, isAlive] = [publishers.count.value(), service.current().process.exitCode === null];
    if (!isAlive) throw new Error('The service ended');
    await rm(filler);
    const freedMs = performance.now();
    const hadGivenUp = await cluster.revive();
    await until(async () => (await ready(service)) === 200);
    const recoveredMs = performance.now() - freedMs;
    await publishers.finished;
    await Promise.all(publishers.acknowledged.map(({ eventId }) => targets.delivered(0, eventId)));
    print(
      `disk full after ${acknowledgedThen} acknowledged events: ${publishers.tries.unavailable} publishes answered ` +
        `SERVICE_UNAVAILABLE, ${publishers.tries.unanswered} unanswered; PostgreSQL ${hadGivenUp ? 'gave up and was started again' : 'ran on'}`,
    );
    print(`ready ${(recoveredMs / 1_000).toFixed(1)} s after there was space; ${EVENTS} of ${EVENTS} events delivered`);
    if (recoveredMs > RECOVERED_WITHIN_MS) throw new Error('The recovery took too long');
  };
  await within(150_000, play(), () => `${publishers.count.value()} of ${EVENTS} events are acknowledged`);
}

async function mountDisk(stack: AsyncDisposableStack): Promise<string> {
  const { path } = stack.use(await createFolder('hookcast-disk-'));
  await runProcess('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', path]);
  stack.defer(async () => void (await runProcess('umount', [path])));
  return path;
}

/** Takes all the space that is left. */
async function fill(directory: string): Promise<string> {
  const file = join(directory, 'filler');
  const block = Buffer.alloc(1 << 20);
  const isFull = ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'ENOSPC') throw new Error(`Filling the disk failed: ${code}`);
    return true;
  };
  for (let full = false; !full;) {
    full = await writeFile(file, block, { flag: 'a' }).then(() => false, isFull);
  }
  return file;
}

const ready = async ({ origin }: ApiProcess): Promise<number> => (await fetch(`${origin}/readyz`)).status;

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 100));
}
