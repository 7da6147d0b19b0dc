import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { hashRequest } from '../../../src/server/plugins/request-hash.ts';

const document = parse('mutation A { bump } mutation B { bump }');

/** As releases before hashed it, whose answers are still stored. */
function hashOfBefore(variableValues: unknown, operationName: string | null): Buffer {
  const sortKeys = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(sortKeys);
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([name, item]) => [name, sortKeys(item)]));
  };
  const parts = [document.loc?.source.body, operationName, sortKeys(variableValues)];
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}

test.each([
  '{}',
  '{"b":1,"a":{"d":[1,{"f":null,"e":"x\\"\\u2028"}],"c":-0.5}}',
  '{"10":1,"9":2,"a":3,"01":4,"4294967295":5,"4294967294":6,"-1":7,"A":8}',
  '{"__proto__":{"b":1,"a":2},"":[],"x":{},"y":[[],[{}]]}',
  `{"long":[${Array.from({ length: 20_000 }, (_, index) => `{"b${index}":"${index}","a":true}`).join(',')}]}`,
])('the hash of %.60s is that of releases before', async (text) => {
  const variableValues = JSON.parse(text);
  for (const operationName of [null, 'A']) {
    const hash = await hashRequest({ document, operationName, variableValues }, null);
    expect(hash).toEqual(hashOfBefore(variableValues, operationName));
  }
});

test('the order of keys means nothing, that of lists does', async () => {
  const hash = (text: string) => hashRequest({ document, variableValues: JSON.parse(text) }, null);
  expect(await hash('{"a":1,"b":2}')).toEqual(await hash('{"b":2,"a":1}'));
  expect(await hash('{"a":[1,2]}')).not.toEqual(await hash('{"a":[2,1]}'));
});

test('large variables are hashed in turns of the event loop', async () => {
  let turns = 0;
  let isDone = false;
  const others = (async () => {
    while (!isDone) turns = (await nextTurn(), turns + 1);
  })();
  await hashRequest({ document, variableValues: { x: Array.from({ length: 100_000 }, () => ({})) } }, null);
  isDone = true;
  await others;
  expect(turns).toBeGreaterThanOrEqual(20);
});
