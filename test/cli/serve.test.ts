/** Every command that the documents say to run stops in order on SIGTERM: in a shell, under npm, and as process 1. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { createDatabaseConnector } from '../../src/database/connect/database-connection.ts';
import { lockNumber } from '../../src/database/locks.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { startReceiver } from '../support/receiver.ts';
import { CREATE_TARGET, launchService, PUBLISH, startService, type PublishedEvent } from '../support/service.ts';
import { sqlConfig } from '../support/sql.ts';

const LONG = { timeout: 120_000 };
const SERVE = [process.execPath, new URL('../../src/cli.ts', import.meta.url).pathname, 'serve'];
const OF_NPM = { HOME: process.env['HOME'] };

/** The first process of a namespace of its own, as in a container that has no init: its children see it as process 1. */
const IN_CONTAINER = ['unshare', '-rpf', '--kill-child', '--mount-proc'];
const { status } = spawnSync(IN_CONTAINER[0]!, [...IN_CONTAINER.slice(1), 'true'], { timeout: 10_000 });
const hasNamespaces = status === 0;

const EVENTS = 300;

async function setup() {
  const DATABASE_URL = await createDatabaseUrl();
  const receiver = await startReceiver();
  return {
    receiver,
    start: (command: readonly string[]) => startService({ DATABASE_URL, ...OF_NPM }, command),
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  };
}

test.each([
  ['npm start', ['npm', 'start']],
  ['npm run -s hookcast -- serve', ['npm', 'run', '-s', 'hookcast', '--', 'serve']],
  ['hookcast serve', SERVE],
])('SIGTERM to `%s` drains under load: every request once, service.stopped last, exit 0', LONG, async (_, command) => {
  await using t = await setup();
  const enough = Promise.withResolvers<void>();
  t.receiver.respondWith(() => {
    if (t.receiver.requests.length === 20) enough.resolve();
    return 200;
  });
  let answered: Promise<PromiseSettledResult<PublishedEvent>[]>;
  {
    await using service = await t.start(command);
    await service.api(CREATE_TARGET, { url: t.receiver.url });
    const publish = (number: number) =>
      service.api<PublishedEvent>(PUBLISH, { type: 'user.created', data: { number } });
    answered = Promise.allSettled(Array.from({ length: EVENTS }, (_, number) => publish(number)));
    await enough.promise;
    await service.kill('SIGTERM');
    expect(service.process.exitCode).toBe(0);
    expect(service.logs.at(-1)).toMatchObject({ msg: 'service.stopped', signal: 'SIGTERM' });
  }
  const ids = (await answered).flatMap((answer) =>
    answer.status === 'fulfilled' ? [answer.value.publishEvent.event.id] : [],
  );
  expect(ids.length).toBeGreaterThan(19);
  await using restarted = await t.start(command);
  for (const id of ids) await t.receiver.next(({ headers }) => headers['x-dakota-event-id'] === id);
  await restarted.kill('SIGTERM');
  const sent = t.receiver.requests.map(({ headers }) => headers['x-dakota-event-id']);
  expect(sent.filter((id, index) => sent.indexOf(id) !== index)).toEqual([]);
});

test.skipIf(!hasNamespaces)('as process 1 it stops on SIGTERM in order, with exit 0', LONG, async () => {
  await using t = await setup();
  await using service = await t.start([...IN_CONTAINER, ...SERVE]);
  const { pid } = service.process;
  const child = Number(await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'));
  expect(await readFile(`/proc/${child}/status`, 'utf8')).toMatch(/^NSpid:\t\d+\t1$/m);
  const exited = once(service.process, 'exit');
  process.kill(child, 'SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(service.logs.at(-1)).toMatchObject({ msg: 'service.stopped', signal: 'SIGTERM' });
});

test('a signal that comes while it starts ends it, with exit 0', LONG, async () => {
  const databaseUrl = await createDatabaseUrl('template0');
  const holder = new pg.Client(sqlConfig(databaseUrl));
  await holder.connect();
  const { schema } = createDatabaseConnector(databaseUrl);
  await holder.query('select pg_advisory_lock($1)', [lockNumber('migration', schema)]);
  await using service = await launchService({ DATABASE_URL: databaseUrl }, SERVE);
  await service.logged('database.migration_lock_waited');
  await service.kill('SIGTERM');
  expect(service.process.exitCode).toBe(0);
  expect(service.logs.map(({ msg }) => msg)).toContain('service.stopping');
  expect(service.logs.at(-1)).toMatchObject({ msg: 'service.stopped', signal: 'SIGTERM' });
  await holder.end();
});

test('a second signal forces the end: logged as the last line, exit 1', LONG, async () => {
  await using t = await setup();
  t.receiver.respondWith(() => new Promise(() => {}));
  await using service = await t.start(SERVE);
  await service.api(CREATE_TARGET, { url: t.receiver.url });
  await service.api<PublishedEvent>(PUBLISH, { type: 'user.created', data: {} });
  await t.receiver.next();
  const stopping = service.logged('service.stopping');
  service.process.kill('SIGTERM');
  await stopping;
  await service.kill('SIGINT');
  expect(service.process.exitCode).toBe(1);
  expect(service.logs.at(-1)).toMatchObject({
    msg: 'service.stop_forced',
    level: 50,
    signal: 'SIGTERM',
    reason: 'SIGINT came while it was stopping',
  });
});

test('standard output is lines of JSON only: a new API key is shown on standard error', LONG, async () => {
  const DATABASE_URL = await createDatabaseUrl();
  await using service = await launchService({ DATABASE_URL, BOOTSTRAP_API_KEY: undefined }, SERVE);
  const [log, errors] = [service.process.stdout!, service.process.stderr!].map((stream) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    return () => Buffer.concat(chunks).toString();
  });
  await service.logged('service.started');
  await service.kill('SIGTERM');
  const lines = log!().trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(2);
  for (const line of lines) expect(JSON.parse(line)).toHaveProperty('msg');
  expect(errors!()).toMatch(/^PLATFORM_ADMIN API key, shown this once: hk_\w{40}\n$/);
});
