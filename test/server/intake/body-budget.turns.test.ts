/** A large body takes many times its bytes while its operation runs, so large bodies take turns. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createBodyBudget, type BodyBytes } from '../../../src/server/intake/body-budget.ts';
import { callerOf, setup } from '../setup.ts';

const MIB = 1_024 * 1_024;

/** Bodies of an organization, and what has become of each: `begun` names them in the order of their turns. */
function setupTurns(options: Parameters<typeof createBodyBudget>[1] = {}) {
  const budget = createBodyBudget(64 * MIB, options);
  const begun: string[] = [];
  const open = async (name: string, organizationId = name, bytes = 2 * MIB): Promise<BodyBytes> => {
    const body = budget.open(organizationId);
    expect(body.take(bytes)).toBe(true);
    const turn = body.begin();
    if (turn === undefined) begun.push(name);
    else void turn.then((isGranted) => begun.push(isGranted ? name : `${name} is refused`));
    await nextTurn();
    return body;
  };
  return { begun, open };
}

test('large bodies are worked on one at a time, and small ones at once', async () => {
  const { begun, open } = setupTurns();
  const first = await open('first');
  const second = await open('second');
  await open('small', 'small', MIB);
  expect(begun).toEqual(['first', 'small']);
  first.release();
  await nextTurn();
  expect(begun).toEqual(['first', 'small', 'second']);
  second.release();
  await open('third');
  expect(begun.at(-1)).toBe('third');
});

test('a body that gives its turn back keeps its bytes', async () => {
  const { begun, open } = setupTurns();
  const first = await open('first', 'one', 31 * MIB);
  await open('second');
  first.endTurn();
  await nextTurn();
  expect(begun).toEqual(['first', 'second']);
  await expect(open('third', 'one')).rejects.toThrow();
  first.release();
  await open('third', 'one');
});

test('organizations take turns, however many large bodies one of them sends', async () => {
  const { begun, open } = setupTurns();
  const bodies = [
    await open('one 1', 'one'),
    await open('one 2', 'one'),
    await open('one 3', 'one'),
    await open('two'),
  ];
  for (const body of [bodies[0]!, bodies[1]!, bodies[3]!]) {
    body.release();
    await nextTurn();
  }
  expect(begun).toEqual(['one 1', 'one 2', 'two', 'one 3']);
});

test('a client that leaves while it waits takes no turn', async () => {
  const { begun, open } = setupTurns();
  const first = await open('first');
  const leaver = await open('leaver');
  await open('last');
  leaver.release();
  first.release();
  first.release();
  await nextTurn();
  expect(begun).toEqual(['first', 'leaver is refused', 'last']);
});

test('a body whose turn does not come in time is refused, and others go on', async () => {
  const { begun, open } = setupTurns({ patienceMs: 1 });
  const first = await open('first');
  const second = await open('second');
  while (begun.length < 2) await nextTurn();
  expect(begun).toEqual(['first', 'second is refused']);
  second.release();
  first.release();
  await open('third');
  expect(begun.at(-1)).toBe('third');
});

test('requests with large bodies are all answered', async () => {
  await using t = await setup();
  t.keys.set('hk_publisher', { ...callerOf('publisher'), scopes: new Set(['EVENTS_PUBLISH'] as const) });
  const body = JSON.stringify({ query: '{ hello }', variables: { x: 'x'.repeat(2 * MIB) } });
  const headers = { 'content-type': 'application/json', 'x-api-key': 'hk_publisher' };
  const answers = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const response = await fetch(`${t.url}/graphql`, { method: 'POST', headers, body });
      return [response.status, await response.json()];
    }),
  );
  expect(answers).toEqual(Array.from({ length: 6 }, () => [200, { data: { hello: 'Hello, world' } }]));
});
