import pg from 'pg';
import { expect, test } from 'vitest';
import { isUnavailable, reportOf } from '../../src/domain/unavailable.ts';
import { connectDatabase } from '../../src/database/client.ts';
import { OutcomeUnknown } from '../../src/database/commit.ts';
import { migrate } from '../../src/database/migrate/migrate.ts';
import { connectAdmin } from '../support/postgres/admin.ts';
import { createTestDatabase } from '../support/database.ts';

test('what pg really throws when nobody listens, when it is shut down and when a statement takes too long is unavailability', async () => {
  const nobody = new pg.Pool({ connectionString: 'postgresql://x@127.0.0.1:1/x' });
  await expect(nobody.query('select 1')).rejects.toSatisfy(isUnavailable);
  await nobody.end();

  await using database = await createTestDatabase();
  const ended = database.pool.query('select pg_terminate_backend(pg_backend_pid())');
  await expect(ended).rejects.toSatisfy(isUnavailable);
  const slow = database.transaction(async (tx) => {
    await tx.query('set local statement_timeout = 1');
    await tx.query('select pg_sleep(1)');
  });
  await expect(slow).rejects.toSatisfy(isUnavailable);
});

test('a mistake of ours is not', async () => {
  await using database = await createTestDatabase();
  await expect(database.pool.query('select nothing')).rejects.not.toSatisfy(isUnavailable);
  expect(isUnavailable(new TypeError('x is not a function'))).toBe(false);
});

test.each(['53100', '53200', '58030', '25006', '08006'])('SQLSTATE %s is unavailability', (code) => {
  expect(isUnavailable(Object.assign(new Error('refused'), { code }))).toBe(true);
});

/** What a question throws after `loss`, asked as the hot path asks, and through Prisma. */
async function failuresAfter(loss: (role: string) => string): Promise<unknown[]> {
  await using admin = await connectAdmin();
  const name = await admin.createDatabase();
  const role = await admin.createRole();
  await admin.query(`alter database ${name} owner to ${role.name}`);
  await migrate(role.urlOf(name));
  const database = connectDatabase({ databaseUrl: role.urlOf(name), connections: 2, onConnectionLost: () => {} });
  try {
    await admin.queryIn(name, loss(role.name));
    const asked = [database.pool.query('select from settings'), database.prisma().event.count()];
    return (await Promise.allSettled(asked)).map((result) => result.status === 'rejected' && result.reason);
  } finally {
    await database.close();
  }
}

test.each([
  ['a right is revoked', (role: string) => `revoke select on settings, events from ${role}`, /settings|permission/],
  ['a table is renamed', () => 'alter table settings rename to s; alter table events rename to e', /settings|events/],
  ['the schema is renamed', () => 'alter schema public rename to other', /settings|events/],
])('when %s, clients are to try again, and the log names the loss and the cure as an error', async (_, loss, words) => {
  const failures = await failuresAfter(loss);
  for (const failure of failures) {
    expect(failure).toSatisfy(isUnavailable);
    expect((failure as Error).message).toMatch(words);
    expect(reportOf(failure)).toEqual({ level: 'error', cure: expect.stringMatching(/Put it back.*restart/) });
  }
});

test('an outage is a warning, and a wrong column or alias a bug', async () => {
  expect(reportOf(Object.assign(new Error('gone'), { code: '57P01' }))).toEqual({ level: 'warn' });
  const unconfirmed = new OutcomeUnknown(new Error('the standby is away'), Promise.resolve());
  expect(reportOf(new Error('The batch is not settled', { cause: unconfirmed }))).toEqual({ level: 'warn' });
  await using database = await createTestDatabase();
  for (const statement of ['select nothing', 'select wrong.id from events e']) {
    const bug: unknown = await database.pool.query(statement).catch((error: unknown) => error);
    expect(bug).not.toSatisfy(isUnavailable);
    expect(reportOf(bug)).toEqual({ level: 'error' });
  }
});
