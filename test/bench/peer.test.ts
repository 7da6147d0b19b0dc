/** The bench speaks with another sender through its adapter: here with the smallest sender, at a real receiver. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startPeer } from './peer.ts';
import { startReceiver } from '../support/receiver.ts';
import { createFolder } from '../support/processes/reaper.ts';

const BARE_LOOP = new URL('./peers/bare-loop.ts', import.meta.url).pathname;
const AUTHORITY = new URL('../support/certificates/authority.pem', import.meta.url).pathname;

async function setup(stack: AsyncDisposableStack, command: string) {
  const { path: directory } = stack.use(await createFolder('hookcast-peer-test-'));
  const logFile = join(directory, 'peer.log');
  const options = {
    command,
    logFile,
    directory,
    databaseUrl: 'postgresql://nowhere/',
    certificateAuthority: AUTHORITY,
  };
  return { start: () => startPeer(options), readLog: () => readFile(logFile, 'utf8') };
}

test('a peer makes targets, publishes from several clients, and ends with its input', async () => {
  await using stack = new AsyncDisposableStack();
  const { start } = await setup(stack, `${process.execPath} ${BARE_LOOP}`);
  const receivers = [stack.use(await startReceiver()), stack.use(await startReceiver())];
  const peer = await start();
  expect(peer.name).toBe('bare loop');
  await peer.createTargets(receivers.map(({ url }) => ({ url, eventType: 'a' })));
  await peer.createTargets([{ url: receivers[0]!.url, eventType: 'b' }]);
  await peer.publish({ eventTypes: ['a', 'b'], events: 10, clients: 4, characters: 850 });
  await peer.publish({ eventTypes: ['b'], events: 1_000, clients: 32, characters: 850 }); // More than it sends at once.
  await peer.end();
  const events = (await Promise.all(Array.from({ length: 10 }, () => receivers[0]!.next()))).map(
    ({ body }) => JSON.parse(body.toString()) as { event: string; data: { text: string } },
  );
  expect(events.map(({ event }) => event).sort()).toEqual([...Array(5).fill('a'), ...Array(5).fill('b')]);
  expect(events[0]!.data.text).toHaveLength(850);
  expect(receivers[1]!.requests).toHaveLength(5);
});

test('a peer that cannot start is an error that names the file of its output', async () => {
  await using stack = new AsyncDisposableStack();
  const { start, readLog } = await setup(stack, 'echo not here >&2; exit 1');
  await expect(start()).rejects.toThrow(/The peer ended before it said "started"; its output is in .*peer\.log/);
  await expect.poll(readLog).toContain('not here');
});

test('a peer that says something else is an error that shows it', async () => {
  await using stack = new AsyncDisposableStack();
  const { start } = await setup(stack, 'cat');
  await expect(start()).rejects.toThrow(/Expected the peer to say "started", got \{"type":"start",/);
});
