/** The names of prepared statements: what an operator reads in pg_prepared_statements, and what a connection knows a plan by. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CHANGE_TABLES } from '../../src/live/changes/change-tables.ts';
import { pageStatement } from '../../src/live/subscribers/change-page.ts';

const SOURCES = new URL('../../src', import.meta.url).pathname;
/** PostgreSQL cuts off what is longer, so that two statements could become one. */
const MAX_LENGTH = 63;
/** What a statement does, as the first word of its name. Prefer one of these to a new word. */
const VERBS = [
  'confirm',
  'count',
  'defer',
  'delete',
  'erase',
  'expire',
  'fetch',
  'find',
  'forget',
  'give',
  'hold',
  'insert',
  'limit',
  'lock',
  'make',
  'measure',
  'note',
  'page',
  'plan',
  'raise',
  'record',
  'release',
  'remember',
  'renew',
  'rescue',
  'settle',
  'store',
  'take',
  'touch',
  'use',
  'withdraw',
];

type Named = { readonly place: string; readonly name: string };

/** Names as they stand in the sources; `${prefix}` and the like as one word. */
async function namesInSources(): Promise<Named[]> {
  const files = (await readdir(SOURCES, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const found = await Promise.all(
    files.map(async (place) => {
      const text = await readFile(join(SOURCES, place), 'utf8');
      const named = text.matchAll(
        /\bname: ['`]([^'`\n]+)['`],\s*text\b|\b(?:statement|captured)\(\s*['`]([^'`\n]+)['`]/g,
      );
      return [...named].map(([, property, argument]) => ({ place, name: spoken((property ?? argument)!) }));
    }),
  );
  return found.flat();
}

const spoken = (template: string): string => template.replace(/\$\{(\w+)\}/g, '$1');

/** The page statements of all streams, for every combination of filters. */
function namesOfPages(): Named[] {
  return CHANGE_TABLES.flatMap((table) => {
    const keys = table.conditions.map(([key]) => key as string);
    return Array.from({ length: 2 ** keys.length }, (_, chosen) => {
      const filter = Object.fromEntries(keys.filter((_key, index) => chosen & (1 << index)).map((key) => [key, 'x']));
      const page = pageStatement(table as never, { organizationId: 'o', ...filter }, { xid: 1n, seq: 1n });
      return { place: `${table.name} by ${Object.keys(filter)}`, name: page.name };
    });
  });
}

test('a statement is named after what it does to what: a verb and nouns, lower case, joined by underscores', async () => {
  const named = [...(await namesInSources()), ...namesOfPages()];
  expect(named.length).toBeGreaterThan(80);
  const misnamed = named.filter(({ name }) => !/^[a-z]+(_[a-z0-9]+)+$/.test(name) || !VERBS.includes(verbOf(name)));
  expect(misnamed).toEqual([]);
});

const verbOf = (name: string): string => name.slice(0, name.indexOf('_'));

test('no two statements have the same name, and no name is longer than PostgreSQL keeps', async () => {
  const byName = Map.groupBy([...(await namesInSources()), ...namesOfPages()], ({ name }) => name);
  expect([...byName].filter(([, places]) => places.length > 1)).toEqual([]);
  expect([...byName.keys()].filter((name) => name.length > MAX_LENGTH)).toEqual([]);
});
