/** The table of README.md from the reference documents to the API: whole, and naming only what there is. */
import { readFile } from 'node:fs/promises';
import { buildSchema, resolveSchemaCoordinate } from 'graphql';
import { expect, test } from 'vitest';
import { DOCUMENTED } from '../support/reference/operations.ts';

const read = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');
const schema = buildSchema(await read('schema.graphql'));
const rows = await readRows();

/** Headers of requests to the API. */
const ON_THE_WIRE = [
  'X-API-Key',
  'Authorization: Bearer',
  'X-Idempotency-Key',
  'Idempotency-Key',
  'X-Request-Signature',
];

type Row = { readonly document: string; readonly there: string; readonly here: string; readonly notes: string };

async function readRows(): Promise<Row[]> {
  const [, section = ''] = (await read('test/reference/README.md')).split('\n## The table\n');
  const table = section.split('\n## ')[0]!.matchAll(/^\| (.*) \| (.*) \| (.*) \|(.*)\|$/gm);
  const cells = [...table].map(([, ...texts]) => texts.map((text) => text.trim()));
  return cells.slice(1).map(([document, there, here, notes]) => ({ document, there, here, notes }) as Row);
}

const named = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

test.each(Object.entries(DOCUMENTED))('the table has everything that %s names', (document, names) => {
  const there = rows.filter((row) => row.document === document).flatMap((row) => named(row.there));
  expect(there.sort()).toEqual(names.split(/;\s+/).sort());
});

test('the table tells of the five documents only', () => {
  expect(new Set(rows.map(({ document }) => document))).toEqual(new Set(Object.keys(DOCUMENTED)));
});

test.each(rows)('$document: $there has a counterpart that exists', ({ here }) => {
  const names = named(here);
  expect(names, 'names something').not.toEqual([]);
  for (const name of names.filter((name) => !ON_THE_WIRE.includes(name))) {
    expect(resolveSchemaCoordinate(schema, name), name).toBeDefined();
  }
});

test('what the notes name of the schema exists', () => {
  const coordinates = rows.flatMap(({ notes }) => named(notes)).filter((name) => /^[A-Z]\w+\.\w+$/.test(name));
  expect(coordinates.length).toBeGreaterThan(0);
  for (const name of coordinates) expect(resolveSchemaCoordinate(schema, name), name).toBeDefined();
});
