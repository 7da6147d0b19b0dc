/** The ids of event types, which the database makes: also for rows that a process of the release before inserts without one. */
import { expect, test } from 'vitest';
import { idTime, isId } from '../../src/domain/ksuid.ts';
import { createTestDatabase } from '../support/database.ts';

test('a row that is inserted without an id gets a KSUID of its time, and each another one', async () => {
  await using database = await createTestDatabase();
  // As the release before writes it.
  const { rows } = await database.pool.query<{ id: string; at: Date }>(
    `insert into event_types (name, category, display_name, description, created_at, updated_at)
     select 'parcel.n' || n, 'parcel', 'Parcel', '', now(), now() from generate_series(1, 1000) as n
     returning id, now() as at`,
  );
  for (const { id, at } of rows) {
    expect(isId(id), id).toBe(true);
    expect(idTime(id).getTime()).toBe(at.getTime());
  }
  expect(new Set(rows.map(({ id }) => id)).size).toBe(1_000);
});

test('the ids of earlier event types sort by their creation', async () => {
  await using database = await createTestDatabase();
  const times = [
    '2014-05-13T16:53:20.000Z',
    '2026-01-15T10:30:00.000Z',
    '2026-01-15T10:30:00.999Z',
    '2150-01-01T00:00:00.000Z',
  ];
  const { rows } = await database.pool.query<{ id: string }>(
    `select event_type_id(at) as id from unnest($1::timestamptz[]) with ordinality as given (at, n) order by n`,
    [times],
  );
  const ids = rows.map(({ id }) => id);
  expect(ids.toSorted()).toEqual(ids);
  expect(ids.map((id) => idTime(id).toISOString())).toEqual(times);
});
