/**
 * Makes `<version>.sql` and `<version>.json` beside this file, by hand, once for each release:
 *
 *     git worktree add /tmp/release <commit> && ln -s "$PWD/node_modules" /tmp/release/node_modules
 *     node test/support/upgrade/dump.ts /tmp/release
 *
 * Then its version is added to RELEASES in release.ts, which every test of upgrades runs over. It needs a PostgreSQL with
 * pg_dump: PG_BIN, or Debian's 15. The oldest version that is supported is the best: newer ones read what it writes.
 */
import { chown, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { MASTER_KEY } from '../master-key.ts';
import { createFolder } from '../processes/reaper.ts';
import { runProcess } from '../processes/start.ts';
import { fillRelease } from './fill.ts';
import type { ReleaseFacts } from './release.ts';

const PG_BIN = process.env['PG_BIN'] ?? '/usr/lib/postgresql/15/bin';
/** What targets are called in the dump, whatever port their receiver had. */
const ORIGIN = 'http://127.0.0.1:4010';

const checkout = process.argv[2];
if (checkout === undefined) throw new Error('Expected the folder of a checkout of the release.');
await makeDump(resolve(checkout));

async function makeDump(release: string): Promise<void> {
  const { version } = JSON.parse(await readFile(join(release, 'package.json'), 'utf8')) as { version: string };
  const commit = (await runProcess('git', ['-C', release, 'rev-parse', 'HEAD'])).stdout.trim();
  await using postgres = await startPostgres();
  const { databaseUrl } = postgres;
  const sql = new pg.Client({ connectionString: databaseUrl });
  sql.on('error', () => {}); // PostgreSQL is stopped under it when something else has failed: that is what is to be seen.
  await sql.connect();
  const [main, cli] = ['main', 'cli'].map((name) => join(release, `src/${name}.ts`)) as [string, string];
  const filled = await fillRelease({ main, cli, databaseUrl, sql });
  await requireAll(sql);
  const { rows } = await sql.query('select clock_timestamp() as now');
  await sql.end();
  const text = (await dump(databaseUrl)).replaceAll(filled.origin, ORIGIN);
  const takenAt: string = rows[0].now.toISOString();
  const facts: ReleaseFacts = { version, commit, takenAt, ...filled, origin: ORIGIN, masterKey: MASTER_KEY };
  const file = (ending: string) => new URL(`${version}.${ending}`, import.meta.url);
  await writeFile(file('sql'), text);
  await writeFile(file('json'), `${JSON.stringify(facts, null, 2)}\n`);
  console.log(`${version}.sql: ${Math.round(text.length / 1_024)} KiB`);
}

/** Rows in every table of ours, and of every kind that matters. */
async function requireAll(sql: pg.Client): Promise<void> {
  const tables = await sql.query(
    `select table_name as name from information_schema.tables where table_schema = 'public'`,
  );
  const asked = [
    ...tables.rows.map(({ name }) => `select from public.${name}`),
    ...['PENDING', 'RETRYING', 'DELIVERED', 'FAILED', 'CANCELLED'].map(
      (status) => `select from deliveries where status = '${status}'`,
    ),
    'select from deliveries where held',
    'select from deliveries where resume_at is not null',
    'select from signing_keys where retired_at is not null',
    `select from pgboss.job_common where state = 'active'`,
    `select from pgboss.job_common where state = 'created' and start_after <= now()`,
    `select from pgboss.job_common where state = 'created' and start_after > now()`,
    `select from idempotency_requests where response is null`,
    `select from target_secrets where expires_at is not null`,
    `select from api_keys where revoked_at is not null`,
  ];
  for (const query of asked) {
    if ((await sql.query(query)).rowCount === 0) throw new Error(`The dump would lack: ${query}`);
  }
}

/** Both schemas as statements that node-postgres sends: no COPY, nothing for psql. */
async function dump(databaseUrl: string): Promise<string> {
  const flags = ['--column-inserts', '--rows-per-insert=100', '--no-owner', '--no-privileges', '--no-comments'];
  const { stdout } = await runProcess(
    join(PG_BIN, 'pg_dump'),
    [...flags, '--schema=public', '--schema=pgboss', `--dbname=${databaseUrl}`],
    { env: { ...process.env, PGTZ: 'UTC' } },
  );
  return stdout
    .replace(/^(--.*|\\(un)?restrict .*|CREATE SCHEMA public;)$\n?/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trimStart();
}

/** Throw-away, in UTC, with JIT off; not run as root, which PostgreSQL refuses. */
async function startPostgres(): Promise<AsyncDisposable & { readonly databaseUrl: string }> {
  const folder = await createFolder('hookcast-dump-');
  const directory = folder.path;
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await chown(directory, ...(await idsOf('postgres')));
  const asPostgres = ['--reuid=postgres', '--regid=postgres', '--clear-groups'];
  const command = (name: string, ...args: string[]) =>
    isRoot
      ? runProcess('setpriv', [...asPostgres, join(PG_BIN, name), ...args], { cwd: '/' })
      : runProcess(join(PG_BIN, name), args, { cwd: '/' });
  const cluster = join(directory, 'cluster');
  const port = await freePort();
  const flags = ['timezone=UTC', 'fsync=off', 'jit=off', 'unix_socket_directories=', 'listen_addresses=127.0.0.1'];
  await command(
    'initdb',
    `--pgdata=${cluster}`,
    '--username=postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
  );
  const options = [`port=${port}`, ...flags].map((flag) => `-c ${flag}`).join(' ');
  await command('pg_ctl', 'start', '-w', '-s', '-D', cluster, '-l', join(directory, 'log'), '-o', options);
  return {
    databaseUrl: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    async [Symbol.asyncDispose]() {
      await command('pg_ctl', 'stop', '-w', '-s', '-D', cluster, '-m', 'immediate');
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function idsOf(account: string): Promise<[number, number]> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => (await runProcess('id', [flag, account])).stdout),
  );
  return [Number(uid), Number(gid)];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
