import { afterAll, beforeAll, expect, test } from 'vitest';
import { publishAt } from '../support/cli/listening.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { createRemoteCli, type RemoteCli } from '../support/cli/remote-cli.ts';

let t: RemoteCli;
let receiver: Receiver;

beforeAll(async () => {
  t = await createRemoteCli({ SERVICE_EVENTS: 'false' });
  receiver = await startReceiver();
}, 60_000);
afterAll(async () => {
  await receiver.close();
  await t[Symbol.asyncDispose]();
});

test('a replay is counted, begun only when somebody agrees, shown, listed, and cancelled', async () => {
  const { id } = await publishAt(t.service.url); // Before there is a target: it missed this one.
  const { target } = await t.json(['targets', 'create', receiver.url]);
  const words = ['replay', 'create', '--since', '1h', '--mode', 'MISSED', '--target', target.id];
  expect(await t.json([...words, '--dry-run'])).toMatchObject({ count: 1, oldestAt: expect.any(String) });
  const unasked = await t.cli(words);
  expect(unasked).toMatchObject({
    exitCode: 1,
    stdout: '',
    stderr: expect.stringMatching(/^This sends 1 deliveries again, .*\nNothing was begun: nobody/s),
  });
  expect(await t.json(['replay', 'list'])).toEqual([]);

  const begun = await t.json([...words, '--rate', '50', '--yes']);
  expect(begun).toMatchObject({ mode: 'MISSED', ratePerSecond: 50, target: { id: target.id } });
  expect((await receiver.next()).headers['webhook-id']).toBe(id);
  const show = async () => t.json(['replay', 'show', begun.id]);
  await expect.poll(async () => (await show()).status, { timeout: 30_000 }).toBe('COMPLETED');
  expect(await t.json(['replay', 'list'])).toMatchObject([{ id: begun.id, replayedCount: 1 }]);
  expect(await t.cli(['replay', 'cancel', begun.id])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^ID: /),
  });
  expect(await t.cli(['replay', 'show', 'nothing'])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('ID: No replay'),
  });
});
