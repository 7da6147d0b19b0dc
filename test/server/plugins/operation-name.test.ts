/** A name that chooses no operation is answered alike over GET, POST, SSE and WebSocket; so are refusals of Accept. */
import { describe, expect, test } from 'vitest';
import { type GraphqlResult, openAcknowledged, postGraphql, subscribeSse } from '../../support/client.ts';
import { API_KEY, setup } from '../setup.ts';

type Request = { readonly query: string; readonly operationName?: string };
type Outcome = { readonly status?: number; readonly result: GraphqlResult };

const TRANSPORTS: Record<string, (url: string, request: Request) => Promise<Outcome>> = {
  async GET(url, request) {
    const response = await fetch(`${url}/graphql?${new URLSearchParams(request)}`);
    return { status: response.status, result: await response.json() };
  },
  async POST(url, request) {
    const { status, body } = await postGraphql(url, request);
    return { status, result: body };
  },
  async SSE(url, request) {
    await using stream = await subscribeSse(url, request);
    return { status: stream.response.statusCode!, result: (await stream.next())!.data! };
  },
  async WebSocket(url, request) {
    await using socket = await openAcknowledged(url, API_KEY);
    socket.send({ id: '1', type: 'subscribe', payload: request });
    const { type, payload } = await socket.next();
    return { result: (type === 'error' ? { errors: payload } : payload) as GraphqlResult };
  },
};

const TWO = 'query A { hello } query B { hello(name: "B") }';
const MANY = Array.from({ length: 12 }, (_, index) => `query Q${index} { hello }`).join(' ');

describe.each(Object.entries(TRANSPORTS))('over %s', (transport, send) => {
  test.each([
    [TWO, 'C', 'Expected operationName to be one of "A", "B", got "C".'],
    [TWO, '', 'Expected operationName to be one of "A", "B", got none.'],
    [TWO, undefined, 'Expected operationName to be one of "A", "B", got none.'],
    ['query A { hello }', 'B', 'Expected operationName to be one of "A", got "B".'],
    ['{ hello }', 'B', 'Expected no operationName, since the operation has no name, got "B".'],
    ['{ hello } { hello }', undefined, 'Expected one operation without a name, got 2. Send one, or name them.'],
    ['{ hello } { hello }', 'B', 'Expected one operation without a name, got 2. Send one, or name them.'],
    [MANY, 'a', /"Q8", "Q9" and 2 more, got "a"\.$/],
    ['fragment F on Query { hello }', undefined, 'Expected a document with an operation, got fragments only.'],
  ])('%s with operationName %j answers 400 that names the operations', async (query, operationName, message) => {
    await using t = await setup();
    const { status, result } = await send(t.url, { query, ...(operationName !== undefined && { operationName }) });
    const expected = typeof message === 'string' ? message : expect.stringMatching(message);
    expect(result).toEqual({ errors: [{ message: expected, extensions: { code: 'BAD_USER_INPUT' } }] });
    if (transport !== 'WebSocket') expect(status).toBe(transport === 'SSE' ? 200 : 400);
  });

  test('an empty operationName is none: the only operation runs', async () => {
    await using t = await setup();
    const { result } = await send(t.url, { query: 'query A { hello }', operationName: '' });
    expect(result).toEqual({ data: { hello: 'Hello, world' } });
  });

  test('the operation that is named runs', async () => {
    await using t = await setup();
    const { result } = await send(t.url, { query: TWO, operationName: 'B' });
    expect(result).toEqual({ data: { hello: 'Hello, B' } });
  });
});

test('a secret that is given as a name is not repeated', async () => {
  await using t = await setup();
  const { body } = await postGraphql(t.url, { query: '{ hello }', operationName: API_KEY });
  expect(body.errors![0]!.message).not.toContain(API_KEY);
});

const bump = (url: string, accept: string) =>
  postGraphql(url, { query: 'mutation { bump }' }, { apiKey: API_KEY, headers: { accept } });

test.each(['text/html', 'image/png', 'application/xml;q=0.9, text/*+xml', 'application/json;charset=latin1'])(
  'Accept: %s answers 406 that says what came and what can be had, and no mutation runs',
  async (accept) => {
    await using t = await setup();
    const { status, body } = await bump(t.url, accept);
    const types = 'application/graphql-response+json, application/json, text/event-stream or */*';
    expect(body).toEqual({
      errors: [
        {
          message: `Expected Accept to allow ${types}, got "${accept}".`,
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    });
    expect(status).toBe(406);
    expect((await bump(t.url, 'application/json')).body).toEqual({ data: { bump: 1 } });
    expect(await t.nextLine('graphql.request', { status: 406 })).toMatchObject({ errorCodes: ['BAD_USER_INPUT'] });
  },
);

test.each(['*/*', 'application/*', 'text/html, */*;q=0.1', ' application/json ; charset=utf-8', 'APPLICATION/JSON'])(
  'Accept: %s is answered',
  async (accept) => {
    await using t = await setup();
    expect((await bump(t.url, accept)).body).toEqual({ data: { bump: 1 } });
  },
);

test('a subscription that a client would not take as a stream answers 406 and says what came', async () => {
  await using t = await setup();
  const query = 'subscription { ticks { number } }';
  const { status, body } = await postGraphql(t.url, { query }, { headers: { accept: 'application/json' } });
  expect(status).toBe(406);
  expect(body.errors![0]!.message).toBe(
    'A subscription needs Accept: text/event-stream, or a WebSocket with graphql-transport-ws; got "application/json".',
  );
});
