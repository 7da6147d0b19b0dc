import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCli } from '../support/cli.ts';
import { publishAt } from '../support/cli/listening.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { createRemoteCli, type RemoteCli } from '../support/cli/remote-cli.ts';
import { API_KEY } from '../support/service.ts';

let t: RemoteCli;
let receiver: Receiver;

beforeAll(async () => {
  t = await createRemoteCli({ SERVICE_EVENTS: 'false' });
  receiver = await startReceiver();
  await t.json(['targets', 'create', receiver.url]);
}, 60_000);
afterAll(async () => {
  await receiver.close();
  await t[Symbol.asyncDispose]();
});

function follow(...words: string[]) {
  const environment = { HOOKCAST_URL: t.service.url, HOOKCAST_API_KEY: API_KEY, HOOKCAST_HOME: t.home };
  const child = startCli(['deliveries', '--follow', ...words], { environment });
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
  const said = createInterface(child.stderr!)[Symbol.asyncIterator]();
  const closed = once(child, 'close');
  return {
    connected: () => said.next(),
    next: async (): Promise<string> => String((await lines.next()).value),
    async stop(): Promise<number | null> {
      child.kill('SIGINT');
      await closed;
      return child.exitCode;
    },
  };
}

test('--follow prints each change as it is committed, for people or as JSON, and ends with 0 at Ctrl-C', async () => {
  const [pretty, json] = [follow(), follow('--json', '--status', 'DELIVERED')];
  await Promise.all([pretty.connected(), json.connected()]);
  const { id } = await publishAt(t.service.url);
  expect(await pretty.next()).toMatch(
    /^\d\d:\d\d:\d\d transaction\.auto\.updated PENDING http:\/\/127\.0\.0\.1:\d+\/hook  \w{27}$/,
  );
  expect(await pretty.next()).toMatch(/PENDING → DELIVERED http:\S+  attempt 1: DELIVERED 200 \d+ ms  \w{27}$/);
  expect(JSON.parse(await json.next())).toMatchObject({ status: 'DELIVERED', delivery: { event: { id } } });
  expect([await pretty.stop(), await json.stop()]).toEqual([0, 0]);
});

test('without --follow it lists the newest deliveries that fit, with their last attempt', async () => {
  const { id } = await publishAt(t.service.url, { tags: ['order_7'] });
  await receiver.next(({ headers }) => headers['webhook-id'] === id);
  const list = () => t.json(['deliveries', '--tag', 'order_7', '--first', '5']);
  await expect.poll(async () => (await list())[0].status, { timeout: 20_000 }).toBe('DELIVERED');
  expect(await list()).toMatchObject([
    {
      ...{ attemptCount: 1, event: { id, eventType: 'transaction.auto.updated' }, target: { url: receiver.url } },
      lastAttempt: { number: 1, outcome: 'DELIVERED', responseStatus: 200, error: null },
    },
  ]);
  expect(await t.json(['deliveries', '--status', 'FAILED,CANCELLED'])).toEqual([]);
});
