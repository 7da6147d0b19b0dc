/** Lists that a statement brings: PostgreSQL reads what was meant, whoever wrote them. */
import { expect, test } from 'vitest';
import { withListsWritten } from '../../src/database/statement.ts';
import { createTestDatabase } from '../support/database.ts';

const LISTS: readonly (readonly [type: string, values: readonly unknown[]])[] = [
  ['text', ['ev_2a', 'user.created', 'a-b', '10:30', '', ' ', 'null', 'NULL', 'nullable', null, undefined]],
  ['text', ['{', '}', 'a,b', '"', '\\', '\\"', "'", 'two\nlines', 'tab\t', 'é', '\u2028', '{"a":"b\\\\c"}']],
  ['text', []],
  ['text', ['short', '"'.repeat(20_000)]],
  ['text', ['1e5', 'true', '-', '.', '_']],
  ['int', [0, -1, 2_147_483_647, null]],
  ['float8', [0.5, -1e-7, 1e21, Number.NaN]],
  ['bigint', [9_007_199_254_740_993n, 1]],
  ['boolean', [true, false, null]],
  ['timestamptz', [new Date(0), new Date(1_764_428_400_123), null]],
  ['timestamptz', [new Date(Date.UTC(1, 0)), new Date(Date.UTC(12_000, 5))]],
  ['jsonb', [{ of: ['an', 'object'] }, null]],
  ['bytea', [Buffer.from([0, 255])]],
];

test.each(LISTS.map(([type, values], nth) => [nth, type, values] as const))(
  'list %i, of %s',
  async (_, type, values) => {
    await using database = await createTestDatabase();
    const statement = { name: '', text: `select ($1::${type}[])::text as list`, values: [values] };
    const [[written], asItIs] = await Promise.all([database.transact([statement]), database.pool.query(statement)]);
    expect(written!.rows).toEqual(asItIs.rows);
  },
);

test('a statement without lists is sent as it is', () => {
  const statement = { name: 'no_list', text: 'select $1', values: ['{a,b}'] };
  expect(withListsWritten(statement)).toBe(statement);
});
