/** Errors of a server that does not speak English: the level of each is told by its code. */
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { isUndone, OutcomeUnknown } from '../../src/database/commit.ts';
import { tookTooLong } from '../../src/database/read/reading.ts';
import { isStatementError } from '../../src/database/statement-error.ts';
import { createTestDatabase } from '../support/database.ts';

const errorOf = (severity: string, code: string) =>
  Object.assign(new pg.DatabaseError('…', 1, 'error'), { severity, code });

const REFUSED = ['23505', '40001', '40P01', '42P01', '53100', '55P03', '57014', 'P0001', 'XX000'];
const ENDED = ['08006', '08P01', '25P03', '25P04', '53300', '57P01', '57P02', '57P03', '57P04', '57P05'];

describe.each(['FEHLER', 'ERREUR', 'ОШИБКА', 'ERROR'])('a statement that the server refuses with %s', (severity) => {
  test.each(REFUSED)('leaves the connection, and what came before it is undone: %s', (code) => {
    const error = errorOf(severity, code);
    expect([isStatementError(error), isUndone(error, false)]).toEqual([true, true]);
  });
});

test.each(ENDED)('a connection that the server ends is of no more use: %s', (code) => {
  for (const severity of ['FATAL', 'ВАЖНО', '致命错误']) {
    const error = errorOf(severity, code);
    // Whoever had sent COMMIT by then does not know what became of it.
    expect([isStatementError(error), isUndone(error, false), isUndone(error, true)]).toEqual([false, true, false]);
  }
});

test.each(['23505', '40001', '55P03', 'P0001'])('a COMMIT that is refused was not done: %s', (code) => {
  for (const severity of ['FEHLER', 'ERROR']) expect(isUndone(errorOf(severity, code), true)).toBe(true);
});

test.each(['53100', '58030', 'XX000', 'XX001'])('a COMMIT may have brought the server down: %s', (code) => {
  expect(isUndone(errorOf('PANIK', code), true)).toBe(false);
  expect(isUndone(errorOf('PANIC', code), true)).toBe(false);
  expect(isUndone(errorOf('ERROR', code), true)).toBe(true); // An English server says that it lives.
});

test('a statement that ran out of time did so in every language', () => {
  expect(tookTooLong(errorOf('FEHLER', '57014'))).toBe(true);
});

/** Its server answers as with lc_messages = 'de_DE.UTF-8', which few servers have installed. */
async function setupGerman() {
  const database = await createTestDatabase();
  for (const pool of [database.pool, database.reads]) {
    pool.on('connect', (client) => {
      const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
      connection.prependListener('errorMessage', (error: pg.DatabaseError) => (error.severity = 'FEHLER'));
    });
  }
  return database;
}

test('a transaction that a German server refuses was not made, and its connection is kept', async () => {
  await using database = await setupGerman();
  await database.pool.query('create table once (value int unique deferrable initially deferred, other int unique)');
  const insert = (value: number, other: number) => ({
    name: '',
    text: 'insert into once values ($1, $2)',
    values: [value, other],
  });
  await database.transact([insert(1, 1)]);
  // By the statement itself, and by COMMIT.
  for (const again of [insert(2, 1), insert(1, 2)]) {
    const failure = await database.transact([again]).catch((error: unknown) => error);
    expect(failure).not.toBeInstanceOf(OutcomeUnknown);
    expect(failure).toMatchObject({ code: '23505', severity: 'FEHLER' });
  }
  expect((await database.pool.query('select * from once')).rows).toEqual([{ value: 1, other: 1 }]);
  expect([database.pool.totalCount, database.pool.idleCount]).toEqual([1, 1]);
});

test('a read that a German server refuses leaves its snapshot to the others', async () => {
  await using database = await setupGerman();
  const [one, other] = [database.readings.join(), database.readings.join()];
  const ask = (text: string) => one.query({ text, values: [] });
  const answers = await Promise.allSettled([ask('select 1 / 0'), other.query({ text: 'select 1 as one', values: [] })]);
  expect(answers).toMatchObject([{ reason: { code: '22012', severity: 'FEHLER' } }, { value: { rows: [{ one: 1 }] } }]);
  one.leave();
  other.leave();
});
