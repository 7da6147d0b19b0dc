/** What callers without a valid key may ask for costs nothing that publishing, claims and settling use. */
import {
  getNamedType,
  getNullableType,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { expect, test } from 'vitest';
import { createAuthenticator } from '../../../src/access/authenticate.ts';
import { createReadiness } from '../../../src/app/readiness.ts';
import { connectDatabase } from '../../../src/database/client.ts';
import { createPublicKeys } from '../../../src/manage/public-keys.ts';
import { ensureSigningKey } from '../../../src/manage/signing-keys.ts';
import { STRANGER_ROOT_FIELDS } from '../../../src/server/intake/strangers.ts';
import { createContext } from '../../../src/schema/index.ts';
import { createApi } from '../../support/api.ts';
import { openSocket, postGraphql } from '../../support/client.ts';
import { setup as setupServer } from '../setup.ts';

const REQUESTS = 100;
const ALIASES = Array.from(
  { length: STRANGER_ROOT_FIELDS },
  (_, number) => `a${number}: signingKeys { id publicKeyHex publicKeyPem active }`,
);
const QUERY = `{ ${ALIASES.join(' ')} }`;

/**
 * The API behind a server whose public side has pools of its own: the queue and the streams of the test keep the others busy.
 * `cost` is what it took of each pool since the last call.
 */
async function setup() {
  const stack = new AsyncDisposableStack();
  const api = stack.use(await createApi());
  const { clock } = api;
  await ensureSigningKey(api.database.pool, { clock, ids: api.fixtures.ids, seal: api.seal });
  const { databaseUrl } = api.database;
  const database = connectDatabase({ databaseUrl, connections: 4, onConnectionLost: () => {} });
  stack.defer(() => database.close());
  const publicKeys = createPublicKeys({ reads: database.reads, clock });
  const services = { ...api.services, readings: database.readings, publicKeys };
  const server = stack.use(
    await setupServer({
      schema: api.schema,
      createContext: (caller, requestId) => createContext(services, caller, requestId),
      authenticator: createAuthenticator({ database, clock }),
      jwks: publicKeys.jwks,
      missing: createReadiness({ database, clock, worker: undefined }),
      strangerLimits: { operationsPerMinute: 1_000_000 }, // What the limit lets through is to be cheap.
    }),
  );
  let [main, reads] = [0, 0];
  database.pool.on('acquire', () => main++);
  database.reads.on('acquire', () => reads++);
  const cost = () => {
    const spent = { main, reads };
    [main, reads] = [0, 0];
    return spent;
  };
  /** Of the pools of the rest, but for pg-boss, which works by itself. */
  const otherStatements = () => api.statements.splice(0).filter((text) => !text.includes('pgboss'));
  return {
    url: server.url,
    schema: api.schema,
    clock,
    cost,
    otherStatements,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const many = (ask: (number: number) => Promise<unknown>) =>
  Promise.all(Array.from({ length: REQUESTS }, (_, n) => ask(n)));

test('the keys that everybody may read take one statement in 3 seconds, and none of the main pool', async () => {
  await using t = await setup();
  const ask = async (number: number) => {
    if (number % 2) return fetch(`${t.url}/.well-known/jwks.json`).then((response) => response.json());
    const { body } = await postGraphql(t.url, { query: QUERY });
    expect(Object.keys(body.data)).toHaveLength(STRANGER_ROOT_FIELDS);
    return body;
  };
  await many(ask);
  await many(ask);
  expect(t.cost()).toEqual({ main: 0, reads: 1 });
  await t.clock.advance(3_000);
  await many(ask);
  expect(t.cost()).toEqual({ main: 0, reads: 1 });
});

/** One query for each field of Query: with what its required arguments need, and the least selection. */
function eachQuery(schema: GraphQLSchema): { name: string; isPublic: boolean; query: string }[] {
  return Object.values(schema.getQueryType()!.getFields()).map(({ name, description, args, type }) => {
    const given = args.filter(isRequiredArgument).map((arg) => `${arg.name}: ${leastOf(arg.type)}`);
    const selection = isLeafType(getNamedType(type)) ? '' : '{ __typename }';
    const query = `{ ${name}${given.length > 0 ? `(${given.join(', ')})` : ''} ${selection} }`;
    return { name, isPublic: description!.includes('Public: needs no API key.'), query };
  });
}

/** The least that an argument may be. */
function leastOf(given: GraphQLInputType): string {
  const type = getNullableType(given);
  if (isListType(type)) return '[]';
  if (isEnumType(type)) return type.getValues()[0]!.name;
  if (!isInputObjectType(type)) return '"x"';
  const fields = Object.values(type.getFields());
  const needed = type.isOneOf ? fields.slice(0, 1) : fields.filter(isRequiredInputField);
  return `{ ${needed.map((field) => `${field.name}: ${leastOf(field.type)}`).join(' ')} }`;
}

test('whatever is asked without a key, but for the public keys, takes no connection of either pool', async () => {
  await using t = await setup();
  await postGraphql(t.url, { query: '{ signingKeys { id } }' });
  t.cost();
  t.otherStatements();
  const queries = eachQuery(t.schema);
  expect(queries.flatMap(({ name, isPublic }) => (isPublic ? [name] : []))).toEqual(['signingKeys']);
  for (const { name, isPublic, query } of queries) {
    const { body } = await postGraphql(t.url, { query });
    if (isPublic) expect(body.errors, name).toBeUndefined();
    else expect(body.errors, name).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  }
  const publish = 'mutation { publishEvent(input: { eventType: "a", data: {} }) { event { id } } }';
  const headers = { 'idempotency-key': 'one' };
  expect((await postGraphql(t.url, { query: publish }, { headers })).body.errors).toHaveLength(1);
  expect(t.cost()).toEqual({ main: 0, reads: 0 });
  expect(t.otherStatements()).toEqual([]);
});

test('wrong keys, over HTTP and WebSocket, take none of the main pool, and what has no shape of a key takes nothing', async () => {
  await using t = await setup();
  await many(async (number) => {
    const { status } = await postGraphql(t.url, { query: QUERY }, { apiKey: `hk_${String(number).padStart(40, 'x')}` });
    expect(status).toBe(401);
  });
  await using socket = await openSocket(t.url);
  socket.send({ type: 'connection_init', payload: { apiKey: `hk_${'w'.repeat(40)}` } });
  expect(await socket.closed).toMatchObject({ code: 4403 });
  const { main, reads } = t.cost();
  expect(main).toBe(0);
  expect(reads).toBeGreaterThan(0);
  expect(reads).toBeLessThanOrEqual(REQUESTS + 1);
  await many(async (number) => {
    expect((await postGraphql(t.url, { query: QUERY }, { apiKey: `guess-${number}` })).status).toBe(401);
  });
  expect(t.cost()).toEqual({ main: 0, reads: 0 });
});

test('probes ask once a second, however many probe', async () => {
  await using t = await setup();
  await many(async () => expect((await fetch(`${t.url}/readyz`)).status).toBe(200));
  await many(async () => expect((await fetch(`${t.url}/readyz`)).status).toBe(200));
  expect(t.cost()).toEqual({ main: 1, reads: 0 });
});
