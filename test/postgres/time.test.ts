/** Instants go in and come out as they are, whatever the zone of the process, of the database and of the role. */
import { expect, test } from 'vitest';
import { MASTER_KEY, runCli } from '../support/cli.ts';
import { postGraphql } from '../support/client.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { startReceiver } from '../support/receiver.ts';
import { CREATE_TARGET, PUBLISH, startService, type PublishedEvent } from '../support/service.ts';
import { openSql } from '../support/sql.ts';

const HOUR_MS = 3_600_000;
const NEAR_MS = 60_000;
/** These lie ahead, or a day back where the first signing key is made; the tests beside that one look at such instants. */
const BY_INTENT = /expires_at|resume_at|next_|^signing_keys\.(published|active)_at/;

async function setup() {
  const stack = new AsyncDisposableStack();
  const DATABASE_URL = await createDatabaseUrl();
  const service = stack.use(await startService({ DATABASE_URL }));
  const sql = stack.use(await openSql(DATABASE_URL));
  const cli = async (line: string) => {
    const { exitCode, stdout, stderr } = await runCli(line.split(' '), { environment: { DATABASE_URL, MASTER_KEY } });
    if (exitCode !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  };
  return { service, sql, cli, stack, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const CREATE_KEY = `mutation ($expiresAt: DateTime!) {
  createApiKey(input: { name: "k", scopes: [EVENTS_READ], expiresAt: $expiresAt }) {
    secret apiKey { id createdAt expiresAt } userErrors { message }
  }
}`;

type CreatedKey = {
  createApiKey: { secret: string; apiKey: { id: string; createdAt: string; expiresAt: string } };
};

test('a key that expires in an hour says so, works, and is stored with that instant', async () => {
  await using t = await setup();
  const expiresAt = new Date(Date.now() + HOUR_MS).toISOString();
  const { createApiKey } = await t.service.api<CreatedKey>(CREATE_KEY, { expiresAt });
  const { id, createdAt, expiresAt: told } = createApiKey.apiKey;
  expect(told).toBe(expiresAt);
  expect(Math.abs(Date.parse(createdAt) - Date.now())).toBeLessThan(NEAR_MS);
  const { status } = await postGraphql(
    t.service.origin,
    { query: '{ eventTypes { name } }' },
    {
      apiKey: createApiKey.secret,
    },
  );
  expect(status).toBe(200);
  const { rows } = await t.sql.query('select extract(epoch from expires_at) * 1000 as ms from api_keys where id = $1', [
    id,
  ]);
  expect(Number(rows[0].ms)).toBe(Date.parse(expiresAt));
});

test('every instant that rows were written at is now, whoever wrote them', async () => {
  await using t = await setup();
  await using receiver = await startReceiver();
  await t.service.api(CREATE_TARGET, { url: receiver.url });
  const attempted = t.service.logged('delivery.attempted');
  await t.service.api<PublishedEvent>(PUBLISH, { type: 'user.created', data: {} });
  await attempted;
  const { rows: columns } = await t.sql.query(
    `select format('%I', table_name) as table, format('%I', column_name) as column from information_schema.columns
     where table_schema = current_schema and data_type like 'timestamp%' and table_name not like '\\_prisma%'`,
  );
  expect(columns.length).toBeGreaterThan(15);
  const off: string[] = [];
  for (const { table, column } of columns) {
    const { rows } = await t.sql.query(
      `select ${column} as at from ${table} where abs(extract(epoch from ${column} - now())) > 1800`,
    );
    if (rows.length > 0 && !BY_INTENT.test(`${table}.${column}`)) off.push(`${table}.${column}: ${rows[0].at}`);
  }
  expect(off).toEqual([]);
});

test('a signing key signs from the moment that was said, not hours before or after', async () => {
  await using t = await setup();
  const later = await t.cli('signing-keys rotate --activate-after 2h');
  expect(Math.abs(Date.parse(later.activeAt) - Date.now() - 2 * HOUR_MS)).toBeLessThan(NEAR_MS);
  const states = async () => (await t.cli('signing-keys list')).map(({ state }: { state: string }) => state);
  expect(await states()).toContain('ACTIVE');
  const now = await t.cli('signing-keys rotate --activate-after 0s --force');
  const listed: { publicKeyHex: string; state: string }[] = await t.cli('signing-keys list');
  expect(listed.find(({ state }) => state === 'ACTIVE')?.publicKeyHex).toBe(now.publicKeyHex);
});
