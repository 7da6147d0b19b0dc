/** Targets, deliveries and replays from elsewhere: what the commands do is seen through the API. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRemoteCli, type RemoteCli } from '../support/cli/remote-cli.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';

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

test('a target is registered, listed, changed, tested, given a new secret, and deleted', async () => {
  const filter = '{"where":{"path":["data","a"],"equals":1}}';
  const words = [
    '--name',
    'Ledger',
    '--events',
    'transaction.*, wallet.created',
    '--customers',
    'cus_1',
    '--filter',
    filter,
  ];
  const { target, secret } = await t.json(['targets', 'create', receiver.url, ...words]);
  expect(secret).toMatch(/^whsec_/);
  expect(target).toMatchObject({
    ...{ url: receiver.url, name: 'Ledger', status: 'ACTIVE', customerIds: ['cus_1'], filter: JSON.parse(filter) },
    eventTypes: ['transaction.*', 'wallet.created'],
  });
  expect(await t.json(['targets', 'list'])).toEqual([target]);

  const changed = await t.json([
    'targets',
    'update',
    target.id,
    '--status',
    'PAUSED',
    '--events',
    '',
    '--filter',
    'null',
  ]);
  expect(changed).toMatchObject({
    status: 'PAUSED',
    eventTypes: [],
    filter: null,
    name: 'Ledger',
    customerIds: ['cus_1'],
  });
  expect(await t.json(['targets', 'update', target.id, '--status', 'ACTIVE', '--customers', ''])).toMatchObject({
    customerIds: [],
  });

  const test = await t.json(['targets', 'test', target.id, '--type', 'transaction.auto.updated']);
  expect((await receiver.next()).headers['x-dakota-event-type']).toBe('transaction.auto.updated');
  expect(test).toMatchObject({ deliveryId: expect.any(String), status: 'PENDING' });
  const rotated = await t.json(['targets', 'rotate-secret', target.id, '--overlap', '60']);
  expect(rotated).toEqual({ id: target.id, secret: expect.stringMatching(/^whsec_/) });
  expect(rotated.secret).not.toBe(secret);

  expect(await t.json(['targets', 'delete', target.id])).toEqual({ id: target.id });
  expect(await t.json(['targets', 'list'])).toEqual([]);
  expect(await t.cli(['targets', 'delete', target.id])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^ID: /),
  });
  const refused = await t.cli(['targets', 'create', 'http://10.0.0.1/', '--status', 'ACTIVE']);
  expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^URL: Expected a public address/) });
});
