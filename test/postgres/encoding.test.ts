import { expect, test } from 'vitest';
import { createEmptyDatabase, administer, owner, urlFor } from './databases.ts';
import { refusedStart } from './refused.ts';

test.each(['LATIN1', 'SQL_ASCII'])(
  'a database with the encoding %s is refused, and nothing is written to it',
  async (encoding) => {
    const database = await createEmptyDatabase({ encoding });
    const DATABASE_URL = urlFor(owner(), database);
    for (const command of ['serve', 'migrate']) {
      const text = await refusedStart({ DATABASE_URL }, [command]);
      expect(text).toContain('DATABASE_URL');
      expect(text).toContain('UTF8');
      expect(text).toContain(encoding);
    }
    const { rows } = await administer(
      database,
      `select from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    expect(rows).toEqual([]);
  },
);
