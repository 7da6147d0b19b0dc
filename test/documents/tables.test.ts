/** The tables of the documents leave nothing out, and name nothing that does not exist. */
import { readFile } from 'node:fs/promises';
import { buildSchema, isEnumType } from 'graphql';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { loadCatalog, OWN_CATALOG } from '../../src/domain/event-types/catalogs.ts';
import type { CatalogEntry } from '../../src/domain/event-types/catalogs/entry.ts';
import { API_SCOPES } from '../../src/domain/api-keys/scope.ts';
import { SERVICE_EVENT_TYPES } from '../../src/domain/event-types/service-event-types.ts';
import { REQUEST_ERROR_STATUS, USER_ERROR_CODES } from '../../src/errors.ts';
import { readDocument } from '../support/documents.ts';

/** The text below a heading, to the next heading of the same level or a higher one. */
async function section(document: string, heading: string): Promise<string> {
  const [, level, body] = new RegExp(`^(#+) ${heading}\n([\\s\\S]*)`, 'm').exec(await readDocument(document)) ?? [];
  if (body === undefined) throw new Error(`${document} has no heading "${heading}"`);
  return body.split(new RegExp(`^#{1,${level!.length}} `, 'm'))[0]!;
}

/** The names in backticks of the first cell of each row. */
const firstCells = (text: string): string[] =>
  [...text.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
  );

test('the README has at most 260 lines', async () => {
  expect((await readDocument('README.md')).split('\n').length - 1).toBeLessThanOrEqual(260);
});

test('the guide for clients has a line for every error code, with its status and what to do', async () => {
  const text = await section('src/schema/README.md', 'Errors');
  const rows = [...text.matchAll(/^\| `([A-Z_]+)` \|(?: (\d{3}) \|)? [^|]+ \| [^|]+ \|$/gm)];
  expect(rows.filter(([, , status]) => !status).map(([, code]) => code)).toEqual([...USER_ERROR_CODES]);
  const statuses = rows.filter(([, , status]) => status).map(([, code, status]) => [code, Number(status)]);
  expect(statuses).toEqual(Object.entries(REQUEST_ERROR_STATUS));
});

test('the guide for clients has every reason why a target got no event, and every reason why a delivery waits', async () => {
  const schema = buildSchema(await readDocument('schema.graphql'));
  const namesOf = (name: string): string[] => {
    const type = schema.getType(name);
    return isEnumType(type) ? type.getValues().map((value) => value.name) : [];
  };
  const names = firstCells(await section('src/schema/README.md', 'Why a target did not get an event'));
  const expected = ['reason', ...namesOf('NoDeliveryReason'), 'waitingFor', ...namesOf('DeliveryWait')];
  expect(names.toSorted()).toEqual(expected.sort());
});

test('the guide for clients has every scope', async () => {
  const text = (await section('src/schema/README.md', 'API keys')).split('\n### ')[0]!;
  expect(firstCells(text).sort()).toEqual([...API_SCOPES].sort());
});

test('the guide for clients has every service event, with an example of its data', async () => {
  const text = await section('src/schema/README.md', "The service's own events");
  const rows = [...text.matchAll(/^\| `([a-z_.]+)` \| ([^|]+) \| `(\{[^|]+\})` \|$/gm)];
  const examples = rows.map(([, name, description, data]) => ({ name, description, example: JSON.parse(data!) }));
  const types = new Map(loadCatalog([OWN_CATALOG]).map((entry) => [entry.name, entry]));
  const of = ({ name, description, example }: CatalogEntry) => ({ name, description, example });
  expect(examples).toEqual(SERVICE_EVENT_TYPES.map((name) => of(types.get(name)!)));
});

test('the guide for operators has every command', async () => {
  const cells = [...(await section('src/app/README.md', 'The command line')).matchAll(/^\| (`[^|]+) \|/gm)];
  const names = cells.flatMap(([, cell]) => {
    const [first, ...rest] = [...cell!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
    const [group, command] = first!.split(' ');
    return command === undefined ? [first, ...rest] : [first, ...rest.map((name) => `${group} ${name}`)];
  });
  expect(names.sort()).toEqual([...COMMANDS.keys()].sort());
});

test('the guide to the tests has every fault suite', async () => {
  const source = await readFile(new URL('../fault/run.ts', import.meta.url), 'utf8');
  const suites = [
    ...source
      .split('const SUITES')[1]!
      .split('\n};')[0]!
      .matchAll(/^ {2}(\w+): \{$/gm),
  ].map(([, name]) => name!);
  const text = (await section('test/README.md', 'The long suites')).split('\n| suite | counted |')[0]!;
  expect(firstCells(text).sort()).toEqual(suites.sort());
});
