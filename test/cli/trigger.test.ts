import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFolder } from '../support/processes/reaper.ts';
import { createRemoteCli, type RemoteCli } from '../support/cli/remote-cli.ts';

let t: RemoteCli;

beforeAll(async () => {
  t = await createRemoteCli({ SERVICE_EVENTS: 'false' });
}, 60_000);
afterAll(() => t[Symbol.asyncDispose]());

const CREATE = `mutation ($input: CreateWebhookTargetInput!) {
  createWebhookTarget(input: $input) { target { id } userErrors { message } }
}`;
const createTarget = (path: string, input: object = {}) =>
  t.api(CREATE, { input: { url: `http://127.0.0.1:3009/${path}`, status: 'PAUSED', ...input } });
const EVENT = `query ($id: ID!) { event(id: $id) { body customerId eventType { name } deliveries { nodes { target { url } } } } }`;
const eventOf = async (id: string) => (await t.api(EVENT, { id })).event;

test('outside local mode it names the targets that receive the event, and publishes nothing unless somebody says yes', async () => {
  await createTarget('all', { name: 'Ledger\u202e' });
  await createTarget('pattern', { eventTypes: ['transaction.*'], customerIds: ['cus_7'] });
  await createTarget('other-type', { eventTypes: ['wallet.*'] });
  await createTarget('other-customer', { customerIds: ['cus_8'] });
  await createTarget('disabled', { status: 'DISABLED' });
  const filter = { where: { path: ['data', 'a'], equals: 2 } };
  await createTarget('filtered', { filter });
  const words = ['trigger', 'transaction.auto.updated', '--customer', 'cus_7', '--data', '{"a":1.10}'];
  const { exitCode, stdout, stderr } = await t.cli(words);
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr.trim().split('\n')).toEqual([
    `3 targets receive transaction.auto.updated of Default at ${t.service.url}:`,
    '  http://127.0.0.1:3009/filtered (if its filter lets it pass, paused: when it is resumed)',
    '  http://127.0.0.1:3009/pattern (paused: when it is resumed)',
    '  http://127.0.0.1:3009/all (Ledger, paused: when it is resumed)',
    'Nothing was published: nobody can be asked here. Add --yes.',
  ]);
  expect((await t.api('{ events { totalCount } }')).events.totalCount).toBe(0);

  const result = await t.json([...words, '--yes']);
  expect(result).toEqual({ eventId: expect.any(String), deliveryCount: 2, filteredCount: 1 });
  const event = await eventOf(result.eventId);
  expect(event).toMatchObject({ customerId: 'cus_7', eventType: { name: 'transaction.auto.updated' } });
  expect(event.body).toContain('"data":{"a":1.10}');
  const urls = event.deliveries.nodes.map((delivery: { target: { url: string } }) => delivery.target.url).sort();
  expect(urls).toEqual(['http://127.0.0.1:3009/all', 'http://127.0.0.1:3009/pattern']);
});

test('the data is that of a file, of standard input, or the example of the event type', async () => {
  await using folder = await createFolder('hookcast-trigger-');
  const file = join(folder.path, 'event.json');
  await writeFile(file, '{"from":"a file","n":1.0}');
  const trigger = async (data: readonly string[], input = '') => {
    const { eventId } = await t.json(['trigger', 'transaction.auto.updated', '--yes', ...data], { input });
    return (await eventOf(eventId)).body as string;
  };
  expect(await trigger(['--data', `@${file}`])).toContain('"data":{"from":"a file","n":1.0}');
  expect(await trigger(['--data', '-'], '{"from":"a pipe"}')).toContain('"data":{"from":"a pipe"}');
  const { eventType } = await t.api('{ eventType(name: "transaction.auto.updated") { example } }');
  expect(JSON.parse(await trigger([])).data).toEqual(eventType.example);
});

test('what cannot be published is refused, with the argument at fault', async () => {
  const refused = async (...words: string[]) => (await t.cli(['trigger', ...words, '--yes'])).stderr;
  expect(await refused('transaction.auto.updatd')).toMatch(/^TYPE: /);
  expect(await refused('transaction.auto.updated', '--data', '{')).toMatch(/^--data: /);
  expect(await refused('transaction.auto.updated', '--data', '@/nowhere.json')).toMatch(/^--data: ENOENT/);
});
