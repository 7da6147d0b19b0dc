import { expect, test } from 'vitest';
import { postGraphql } from '../../support/client.ts';
import { API_KEY, setup } from '../setup.ts';

test('the details of an expected error are part of its extensions', async () => {
  await using t = await setup();
  const { body } = await postGraphql(t.url, { query: '{ conflict }' });
  expect(body.errors![0]!.extensions).toEqual({ code: 'IDEMPOTENCY_CONFLICT', firstRequestId: 'r1' });
});

test('an unexpected error is masked, and its id leads to the log line with the stack', async () => {
  await using t = await setup();
  const { status, body } = await postGraphql(t.url, { query: 'query Explode { boomRequired }' });
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain('hunter2');
  const [error] = body.errors!;
  expect(error).toMatchObject({ path: ['boomRequired'], extensions: { code: 'INTERNAL_SERVER_ERROR' } });
  const [, errorId] = /^Internal error, id (\S+)$/.exec(error!.message)!;
  const line = await t.nextLine('graphql.internal_error');
  expect(line).toMatchObject({ errorId, operationName: 'Explode', err: { stack: expect.stringContaining('hunter2') } });
  expect(t.lines.filter(({ msg }) => msg === 'graphql.internal_error')).toHaveLength(1);
});

test('a value that cannot be serialized is our mistake, a bad argument is the mistake of the client', async () => {
  await using t = await setup();
  for (const query of ['{ badNumber }', '{ badList }']) {
    const ours = await postGraphql(t.url, { query });
    expect(ours.body.errors![0]!.message).toMatch(/^Internal error, id /);
  }
  const theirs = await postGraphql(t.url, {
    query: 'query ($count: Int) { atLeast(count: $count) }',
    variables: { count: null },
  });
  expect(theirs.body.errors![0]).toMatchObject({
    message: expect.stringContaining('count'),
    extensions: { code: 'BAD_USER_INPUT' },
  });
});

test.each([
  ['{ helo }', {}],
  ['{ hello(nam: "x") }', {}],
  ['{ color(of: GREN) }', {}],
  ['query ($of: Color) { color(of: $of) }', { of: 'GREN' }],
])('%s is refused with its reason; production does not suggest names', async (query, variables) => {
  await using production = await setup();
  await using local = await setup({ suggestNames: true });
  const refused = await postGraphql(production.url, { query, variables });
  expect(refused.status).toBe(400);
  expect(refused.body.errors![0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  expect(refused.body.errors![0]!.extensions).toEqual({ code: 'BAD_USER_INPUT' });
  expect(refused.body.errors![0]!.message).not.toContain('Did you mean');
  const helped = await postGraphql(local.url, { query, variables });
  expect(helped.body.errors![0]!.message).toContain('Did you mean');
});

test.each([
  [
    'query ($name: String) { hello(name: $name) }',
    { name: { value: 'pass-word; x' } },
    'Variable "$name" got an invalid value; String cannot',
  ],
  ['query ($name: String) { hello(name: $name) }', { name: ['pass-word'] }, 'String cannot represent'],
  ['{ hello(name: { value: "pass-word" }) }', {}, 'String cannot represent a value that is not a string.'],
  ['{ hello(name "pass-word") }', {}, 'Expected ":", found String.'],
  ['{ hello(name """pass-word""") }', {}, 'Expected ":", found BlockString.'],
])('a text in the wrong place is refused with the place, and is not quoted: %s', async (query, variables, reason) => {
  await using t = await setup();
  const { status, body } = await postGraphql(t.url, { query, variables });
  expect(status).toBe(400);
  expect(body.errors![0]!.message).toContain(reason);
  expect(JSON.stringify(body)).not.toContain('pass-word');
});

test('an error does not send back the megabytes that it quotes', async () => {
  await using t = await setup();
  const variables = { of: 'X'.repeat(200_000) };
  const query = 'query ($of: Color) { color(of: $of) }';
  const { status, body } = await postGraphql(t.url, { query, variables }, { apiKey: API_KEY });
  expect([status, body.errors![0]!.extensions]).toEqual([400, { code: 'BAD_USER_INPUT' }]);
  expect(body.errors![0]!.message).toMatch(/^Variable "\$of" got an invalid value; Value "X+…$/);
  expect(body.errors![0]!.message).toHaveLength(2_001);
});
