/** Local mode gives what production is given: a database and a master key. */
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { explainFailure } from '../../src/app/explain-failure.ts';
import { completeConfig, completeConfigBeside } from '../../src/app/local.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config.ts';
import { createFolder } from '../support/processes/reaper.ts';

const MASTER_KEY = Buffer.from('0123456789abcdef0123456789abcdef').toString('base64');
const clock = systemClock;

async function answers(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl });
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
}

test('in production the configuration is complete as it is, and nothing is started', async () => {
  await using folder = await createFolder('hookcast-local-');
  await using parts = new AsyncDisposableStack();
  const DATA_DIR = join(folder.path, 'data');
  const config = loadConfig({ DATABASE_URL: 'postgresql://localhost/x', MASTER_KEY, DATA_DIR });
  for (const completed of [
    await completeConfig(config, { clock, parts }),
    (await completeConfigBeside(config, { clock, parts })).config,
  ]) {
    expect(completed).toEqual(config);
  }
  await expect(access(DATA_DIR)).rejects.toThrow('ENOENT');
});

test(
  'in local mode it names the PostgreSQL and the key in DATA_DIR, the same for a command after the service',
  { timeout: 90_000 },
  async () => {
    await using folder = await createFolder('hookcast-local-');
    const config = loadConfig({ DATA_DIR: folder.path });
    await using service = new AsyncDisposableStack();
    const completed = await completeConfig(config, { clock, parts: service });
    expect({ ...completed, databaseUrl: undefined, masterKey: undefined }).toEqual(config);
    expect(await answers(completed.databaseUrl)).toBe(true);
    const stored = await readFile(join(folder.path, 'master.key'), 'utf8');
    expect(completed.masterKey).toEqual(Buffer.from(stored, 'base64'));
    expect(completed.masterKey).toHaveLength(32);
    await service.disposeAsync();
    expect(await answers(completed.databaseUrl)).toBe(false);

    // Nobody runs it now: test/cli/commands.test.ts has the command that joins a service.
    await using command = new AsyncDisposableStack();
    const beside = await completeConfigBeside(config, { clock, parts: command });
    expect([beside.isAlone, beside.config.masterKey]).toEqual([true, completed.masterKey]);
    expect(await answers(beside.config.databaseUrl)).toBe(true);
  },
);

test('a MASTER_KEY that is set is used in local mode, too', { timeout: 90_000 }, async () => {
  await using folder = await createFolder('hookcast-local-');
  await using parts = new AsyncDisposableStack();
  const config = loadConfig({ DATA_DIR: folder.path, MASTER_KEY });
  expect((await completeConfig(config, { clock, parts })).masterKey.toString('base64')).toBe(MASTER_KEY);
  await expect(readFile(join(folder.path, 'master.key'))).rejects.toThrow('ENOENT');
});

test.each([
  ['it is a file', 'file'],
  ['its folder of PostgreSQL is a file', 'folder'],
  ['a file is on the way to it', 'file/below'],
])('a DATA_DIR that cannot be written is named, with the cure: %s', async (_, place) => {
  await using folder = await createFolder('hookcast-local-');
  await using parts = new AsyncDisposableStack();
  await writeFile(join(folder.path, 'file'), '');
  await mkdir(join(folder.path, 'folder'));
  await writeFile(join(folder.path, 'folder/postgres'), '');
  const config = loadConfig({ DATA_DIR: resolve(folder.path, place) });
  const failure = await completeConfig(config, { clock, parts }).catch(explainFailure);
  expect(failure).toMatch(/^DATA_DIR: E[A-Z]+: .*, mkdir .*\. Name a folder that this account may write to$/);
});
