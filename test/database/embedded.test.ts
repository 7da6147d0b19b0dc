import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/database/embedded.ts';
import { freePort } from '../support/network/free-port.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { startProcess } from '../support/processes/start.ts';

/** A folder that only its owner may enter, as mktemp makes it. */
async function setup() {
  const folder = await createFolder('hookcast-embedded-');
  const directory = folder.path;
  const options = { directory, newPassword: 'a password', settings: { fsync: 'off' } };
  const start = (more: Partial<Parameters<typeof startEmbeddedPostgres>[0]> = {}) =>
    startEmbeddedPostgres({ ...options, ...more });
  return { directory, start, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

async function query(databaseUrl: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('a stopped cluster keeps its data and its password for the next start', async () => {
  await using t = await setup();
  const first = await t.start();
  await query(first.databaseUrl, 'create table kept as select 1 as value');
  await first.stop();
  const second = await t.start();
  expect(await query(second.databaseUrl, 'select value from kept')).toEqual([{ value: 1 }]);
  await second.stop();
});

test('a port that was taken between its choice and the start is given up for another one', async () => {
  await using t = await setup();
  const taker = createServer().listen(0, '127.0.0.1');
  await once(taker, 'listening');
  const { port: taken } = taker.address() as AddressInfo;
  const chosen: number[] = [];
  const choosePort = async () => {
    chosen.push(chosen.length === 0 ? taken : await freePort());
    return chosen.at(-1)!;
  };
  const started = await t.start({ choosePort });
  taker.close();
  expect([chosen[0], new URL(started.databaseUrl).port]).toEqual([taken, String(chosen[1])]);
  await started.stop();
});

test('the server of a killed process is adopted, and stopped at the end', async () => {
  await using t = await setup();
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(new URL('../../src/database/embedded.ts', import.meta.url).href)};
    await startEmbeddedPostgres({ directory: ${JSON.stringify(t.directory)}, newPassword: 'a password' });
    process.kill(process.pid, 'SIGKILL');`;
  const killed = startProcess(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  await once(killed, 'exit');
  const postmaster = join(t.directory, 'cluster/postmaster.pid');
  const [pid] = (await readFile(postmaster, 'utf8')).split('\n');

  const adopted = await t.start();
  expect((await readFile(postmaster, 'utf8')).split('\n')[0]).toBe(pid);
  expect(await query(adopted.databaseUrl, 'select 1 as value')).toEqual([{ value: 1 }]);
  await adopted.stop();
  await expect(readFile(postmaster)).rejects.toThrow('ENOENT');
});

test('a second process on the same folder is refused, naming the first', async () => {
  await using t = await setup();
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(new URL('../../src/database/embedded.ts', import.meta.url).href)};
    const postgres = await startEmbeddedPostgres({ directory: ${JSON.stringify(t.directory)}, newPassword: 'a password' });
    process.on('message', async () => { await postgres.stop(); process.exit(); });
    process.send('started');`;
  const first = startProcess(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(first, 'message');
  await expect(t.start({ patienceMs: 0 })).rejects.toThrow(
    `DATA_DIR: process ${first.pid} runs on ${t.directory} already`,
  );
  first.send('stop');
  await once(first, 'exit');
});

test('the cluster is in UTC, whatever the zone of the machine is', async () => {
  await using t = await setup();
  const zone = process.env['TZ'];
  process.env['TZ'] = 'Asia/Kolkata';
  try {
    const { databaseUrl, stop } = await t.start();
    expect(await query(databaseUrl, 'show timezone')).toEqual([{ TimeZone: 'UTC' }]);
    await stop();
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
});
