/** `hookcast listen` through restarts, sleep and kills: every event once, and in order. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type ApiProcess } from '../fault/stage/service.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { openGate } from '../fault/stage/gate.ts';
import { publishAt, spawnListening, startListening } from '../support/cli/listening.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';

const LONG = { timeout: 120_000 };

let service: ApiProcess;
const urlOf = () => `${service.origin}/graphql`;

beforeAll(async () => {
  service = await startApi(await createDatabaseUrl());
}, 120_000);
afterAll(() => service[Symbol.asyncDispose]());

async function setup(answer: Parameters<typeof startReceiver>[0] = 200) {
  const [receiver, folder] = [await startReceiver(answer), await createFolder('hookcast-listen-')];
  const home = folder.path;
  return {
    receiver,
    home,
    listen: (words: string[] = [], url = urlOf()) =>
      startListening([String(receiver.port), '--output', 'json', ...words], { url, home }),
    async [Symbol.asyncDispose]() {
      await receiver.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function publishMany(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let nth = 0; nth < count; nth++) ids.push((await publishAt(urlOf())).id);
  return ids;
}

const idsAt = ({ requests }: Receiver) => requests.map(({ headers }) => headers['x-dakota-event-id']);

async function takeIds(listening: { next(): Promise<{ eventId: string }> }, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let nth = 0; nth < count; nth++) ids.push((await listening.next()).eventId);
  return ids;
}

test('every event comes once and in order while the service is killed and started again', LONG, async () => {
  await using t = await setup();
  await using listening = await t.listen();
  const ids = await publishMany(10);
  expect(await takeIds(listening, 5)).toEqual(ids.slice(0, 5));
  await service.restart();
  ids.push(...(await publishMany(10)));
  expect(await takeIds(listening, 15)).toEqual(ids.slice(5));
  expect(idsAt(t.receiver)).toEqual(ids);
  await listening.said(/^The connection to the service is lost.*\. Trying again …$/);
  await listening.said(/^Connected again\.$/);
});

test('a listener that slept while its connections were cut goes on without gap or repeat', LONG, async () => {
  await using t = await setup();
  let port: number | undefined = Number(new URL(service.origin).port);
  const gate = await openGate({ port: () => port });
  await using listening = await t.listen([], `http://127.0.0.1:${gate.port}/graphql`);
  const ids = await publishMany(3);
  expect(await takeIds(listening, 3)).toEqual(ids);
  listening.process.kill('SIGSTOP');
  const at = gate.port;
  gate[Symbol.dispose]();
  ids.push(...(await publishMany(20)));
  using reopened = await openGate({ at, port: () => port });
  listening.process.kill('SIGCONT');
  ids.push(...(await publishMany(2)));
  expect(await takeIds(listening, 22)).toEqual(ids.slice(3));
  expect(idsAt(t.receiver)).toEqual(ids);
  expect(reopened.port).toBe(at);
});

test(
  'a listener that is stopped and started goes on where it was, with what was published before its first event too',
  LONG,
  async () => {
    await using t = await setup();
    {
      await using first = await t.listen();
      expect(await first.end('SIGTERM')).toBe(0); // Before any event.
    }
    const ids = await publishMany(2);
    {
      await using second = await t.listen();
      expect(await takeIds(second, 2)).toEqual(ids);
      await second.said(/resuming where it stopped \(\d{4}-/);
      expect(await second.end('SIGINT')).toBe(0);
    }
    const more = await publishMany(2);
    await using third = await t.listen();
    expect(await takeIds(third, 2)).toEqual(more);
    expect(idsAt(t.receiver)).toEqual([...ids, ...more]);
    expect(await third.end('SIGINT')).toBe(0);
    await publishMany(1);
    await using fourth = await t.listen(['--since', 'now']);
    const [newest] = await publishMany(1);
    expect(await takeIds(fourth, 1)).toEqual([newest]);
  },
);

test(
  'a SIGKILL repeats what was under way and nothing else, whatever the order in which requests ended',
  LONG,
  async () => {
    await using t = await setup();
    const listening = await t.listen(['--concurrency', '3']);
    let kept: string | undefined;
    t.receiver.respondWith(({ headers }) => {
      const id = String(headers['x-dakota-event-id']);
      kept ??= id; // The first that comes gets no answer.
      return id === kept ? new Promise<number>(() => {}) : 200;
    });
    const ids = await publishMany(6);
    expect((await takeIds(listening, 5)).sort()).toEqual(ids.filter((id) => id !== kept).sort());
    await listening.end('SIGKILL');
    t.receiver.respondWith(200);
    await using again = await t.listen(['--concurrency', '3']);
    const [last] = await publishMany(1);
    expect((await takeIds(again, 2)).sort()).toEqual([kept, last].sort());
    expect(idsAt(t.receiver).sort()).toEqual([...ids, kept, last].sort());
  },
);

test('two listeners side by side, even equal ones, each send every event, and each resume', LONG, async () => {
  await using t = await setup();
  await using one = await t.listen();
  await using other = await t.listen();
  const ids = await publishMany(3);
  expect([await takeIds(one, 3), await takeIds(other, 3)]).toEqual([ids, ids]);
  expect(await one.end('SIGINT')).toBe(0);
  await other.end('SIGKILL');
  const more = await publishMany(2);
  await using first = await t.listen();
  await using second = await t.listen();
  expect([await takeIds(first, 2), await takeIds(second, 2)]).toEqual([more, more]);
});

test(
  'Ctrl-C at any moment: while it starts, at rest, and with a request under way, which is waited for or interrupted',
  LONG,
  async () => {
    await using t = await setup();
    const starting = spawnListening([String(t.receiver.port)], { url: urlOf(), home: t.home });
    starting.process.kill('SIGINT');
    await starting.end('SIGINT');
    await using resting = await t.listen();
    expect(await resting.end('SIGINT')).toBe(0);

    const answers: ((status: number) => void)[] = [];
    t.receiver.respondWith(() => new Promise((resolve) => answers.push(resolve)));
    await using patient = await t.listen();
    const ids = await publishMany(2);
    await t.receiver.next();
    patient.process.kill('SIGINT');
    await patient.said(/^Waiting for a request; Ctrl-C again interrupts\.$/);
    answers[0]!(200);
    expect((await patient.next()).eventId).toBe(ids[0]);
    expect(await patient.end('SIGINT')).toBe(0);

    await using hasty = await t.listen();
    await t.receiver.next();
    hasty.process.kill('SIGINT');
    await hasty.said(/^Waiting for a request/);
    expect(await hasty.end('SIGINT')).toBe(0);
    t.receiver.respondWith(200);
    await using again = await t.listen();
    expect((await again.next()).eventId).toBe(ids[1]);
    expect(idsAt(t.receiver)).toEqual([ids[0], ids[1], ids[1]]);
  },
);

test('concurrency 1 never has two requests under way; 4 has four', LONG, async () => {
  const open: string[] = [];
  let most = 0;
  const answers: (() => void)[] = [];
  await using t = await setup(({ headers }) => {
    most = Math.max(most, open.push(String(headers['x-dakota-event-id'])));
    return new Promise((resolve) => answers.push(() => (open.shift(), resolve(200))));
  });
  const answerAll = async (count: number) => {
    for (let nth = 0; nth < count; nth++) {
      await expect.poll(() => answers.length).toBeGreaterThan(0);
      answers.shift()!();
    }
  };
  await using single = await t.listen();
  const ids = await publishMany(5);
  await answerAll(5);
  expect(await takeIds(single, 5)).toEqual(ids);
  expect(most).toBe(1);
  await single.end('SIGINT');
  await using several = await t.listen(['--concurrency', '4']);
  await publishMany(8);
  await expect.poll(() => open.length).toBe(4);
  await answerAll(8);
  await takeIds(several, 8);
  expect(most).toBe(4);
});
