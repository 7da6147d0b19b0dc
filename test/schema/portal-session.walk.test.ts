/**
 * Two organizations, each with a portal session: whatever the token of one of them asks for over HTTP and WebSocket, by every
 * operation of the schema and every document of the console, it sees nothing of the other and changes nothing there.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type DocumentNode,
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLSchema,
  print,
  typeFromAST,
} from 'graphql';
import * as written from '../../src/console/generated/graphql.ts';
import { attemptId } from '../../src/domain/ksuid.ts';
import { PORTAL_SCOPES } from '../../src/domain/api-keys/scope.ts';
import { buildSchema } from '../../src/schema/index.ts';
import { encodeCursor } from '../../src/schema/read/list-cursor.ts';
import type { Client } from 'graphql-ws';
import { createSocketClient, postGraphql } from '../support/client.ts';
import { startProduct, type Product } from '../support/product.ts';
import { startReceiver } from '../support/receiver.ts';
import { CURSOR_LISTS, fill, NAMES, nextTo, placesOf, plainOperations, selectAll, type Slot, slotsOf } from './walk.ts';

const schema = buildSchema();
/** What an operation may cost bounds how much is selected in it. */
const DEPTH = 1;
/** All fields of all types behind `node` are more than one document may have. Documents of the console ask for it. */
const ofSchema = slotsOf(schema, NAMES, DEPTH).filter(({ label }) => label !== 'query node(id)');
const plain = plainOperations(schema, DEPTH);
const documents = Object.entries(written as Record<string, unknown>)
  .filter(([name]) => name.endsWith('Document'))
  .map(([, document]) => readDocument(schema, document as DocumentNode));
const ofConsole = documents.flatMap(({ slots }) => slots);
const THEIRS = 'another-tenants-text';
const HOUR_MS = 3_600_000;
/** Requests at once. */
const AT_ONCE = 8;

const CREATE_SESSION = `mutation ($input: CreatePortalSessionInput!) {
  createPortalSession(input: $input) { session { id } token userErrors { message } }
}`;
const BEGIN_REPLAY = `mutation ($input: CreateReplayInput!) {
  createReplay(input: $input) { replay { id } userErrors { message } }
}`;
const ERASE = `mutation ($input: EraseEventDataInput!) {
  eraseEventData(input: $input) { erasure { id } userErrors { message } }
}`;

let product: Product;
let receiver: Awaited<ReturnType<typeof startReceiver>>;

beforeAll(async () => {
  product = await startProduct({ EVENT_CATALOGS: 'dakota', RATE_LIMIT_PER_MINUTE: '1000000' });
  receiver = await startReceiver(({ url }) => ({ status: 500, body: url.slice(1) }));
});

afterAll(async () => {
  await product?.stop();
  await receiver?.[Symbol.asyncDispose]();
});

/** An organization with one object of each type, and the token of a portal session that may do all that one may. */
async function world(text: string) {
  const tenant = await product.tenant();
  const url = new URL(`/${text}`, receiver.url).href; // What it answers.
  const target = await tenant.createTarget({ url, name: text, description: text });
  const event = await tenant.publish('customer.created', { text }, { customerId: text, tags: [text] });
  const delivery: string = event.deliveries[0].id;
  await tenant.reached(delivery, 'RETRYING');
  const { session, token } = await tenant.run(CREATE_SESSION, { input: { scopes: PORTAL_SCOPES } });
  const createdAt = { gte: new Date(Date.parse(event.createdAt) - HOUR_MS), lt: event.createdAt };
  const scope = { mode: 'ALL', targetId: target.id, createdAt };
  const { replay } = await tenant.run(BEGIN_REPLAY, { input: { scope } });
  const eraser = await tenant.newApiKey({ scopes: ['EVENTS_ERASE'] });
  const { body } = await tenant.ask(ERASE, { input: { customerId: `${text} erased` } }, { 'x-api-key': eraser });
  const [apiKey] = await tenant.run('{ apiKeys { id } }');
  const { nodes } = await tenant.run('{ auditLog(first: 1) { nodes { id } } }');
  const ids = {
    target: target.id as string,
    event: event.id as string,
    delivery,
    attempt: attemptId(delivery, 1),
    apiKey: apiKey.id as string,
    auditEntry: nodes[0].id as string,
    replay: replay.id as string,
    erasure: body.data.eraseEventData.erasure.id as string,
    portalSession: session.id as string,
    organization: tenant.organizationId,
  };
  return { tenant, token: token as string, ids };
}

/** A document that is written already, with the places where it names an object: its variables, and what is in them. */
function readDocument(schema: GraphQLSchema, node: DocumentNode) {
  const document = print(node);
  const [root] = node.definitions;
  if (root?.kind !== 'OperationDefinition') throw new Error(`Expected an operation first, got ${document}`);
  const inputs = (root.variableDefinitions ?? []).map(({ variable, type }) => ({
    name: variable.name.value,
    type: typeFromAST(schema, type) as GraphQLInputType,
  })) as unknown as GraphQLArgument[];
  const { operation } = root;
  const label = `${operation} ${root.name?.value}`;
  const slots = placesOf(inputs, NAMES).map(({ path, takes }): Slot => ({
    operation,
    document,
    takes,
    label: `${label}(${path.join('.')})`,
    variables: (value, isFull) => fill(inputs, path, value, isFull),
  }));
  return { label, document, slots, variables: () => fill(inputs, [], { name: '', ids: {} }, false) };
}

type World = Awaited<ReturnType<typeof world>>;

/** A name of the other organization's, and one of the same shape that nothing has. */
type Pair = { readonly kind: string; readonly theirs: string; readonly nobodys: string };

function pairsFor({ takes }: Slot, { ids }: World): Pair[] {
  return Object.entries(ids).flatMap(([kind, id]) => {
    const nobodys = kind === 'attempt' ? attemptId(nextTo(ids.delivery), 1) : nextTo(id);
    if (takes === 'id') return [{ kind, theirs: id, nobodys }];
    const list = CURSOR_LISTS[kind as keyof typeof CURSOR_LISTS];
    return list ? [{ kind, theirs: encodeCursor(list, id), nobodys: encodeCursor(list, nobodys) }] : [];
  });
}

/** What the token is answered, without the name that was given and without ids that differ each time. */
async function answer(slot: Slot, name: string, own: World): Promise<string> {
  const { event, target } = own.ids;
  const beside = { eventId: event, targetId: target, a: event, b: event, c: event, d: event, e: event };
  const variables = slot.variables({ name, ids: beside }, false);
  const { body } = await postGraphql(product.url, { query: slot.document, variables }, { apiKey: own.token });
  return JSON.stringify(body).replaceAll(name, 'NAME');
}

/** Everything that an organization is shown of itself, but for positions of streams, which move with everybody's changes. */
async function snapshot({ tenant }: World): Promise<string[]> {
  const queries = plain.filter(({ document, label }) => document.startsWith('query') && !/Cursor$/.test(label));
  return Promise.all(
    queries.map(async ({ document, variables }) => JSON.stringify((await tenant.ask(document, { ...variables })).body)),
  );
}

const secretsOf = ({ ids }: World): string[] => [THEIRS, ...Object.values(ids)];

async function inTurns<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const turn = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, turn));
}

const isRequest = ({ operation }: Slot): boolean => operation !== 'subscription';

test('every root field of the schema is asked', () => {
  const roots = [schema.getQueryType()!, schema.getMutationType()!, schema.getSubscriptionType()!];
  const all = roots.flatMap((root) => Object.keys(root.getFields()));
  const slots = [...ofSchema, ...ofConsole];
  const asked = [...slots.map(({ document }) => /\{\s+(\w+)/.exec(document)![1]!), ...plain.map(({ label }) => label)];
  const streams = Object.keys(schema.getSubscriptionType()!.getFields());
  expect(all.filter((field) => !asked.includes(field) && !streams.includes(field))).toEqual([]);
});

test(
  'a portal session sees and changes nothing of another organization, by any operation and any document of the console',
  { timeout: 300_000 },
  async () => {
    const [own, other] = [await world('own'), await world(THEIRS)];
    const secrets = secretsOf(other);
    const before = await snapshot(other);
    const cases = [...ofSchema, ...ofConsole]
      .filter(isRequest)
      .flatMap((slot) => pairsFor(slot, other).map((pair) => ({ slot, ...pair })));
    await inTurns(cases, async ({ slot, kind, theirs, nobodys }) => {
      const [text, expected] = [await answer(slot, theirs, own), await answer(slot, nobodys, own)];
      const about = { slot: slot.label, kind };
      expect({ ...about, text }).toEqual({ ...about, text: expected });
      expect(text).not.toContain('QUERY_TOO_COMPLEX');
      expect({ ...about, found: secrets.filter((secret) => text.includes(secret)) }).toEqual({ ...about, found: [] });
    });
    const nameless = documents
      .filter(({ label, slots }) => slots.length === 0 && !label.startsWith('subscription'))
      .map(({ variables, ...rest }) => ({ ...rest, variables: variables() }));
    await inTurns([...plain, ...nameless], async ({ label, document, variables }) => {
      const asked = { query: document, variables: { ...variables } };
      const text = JSON.stringify((await postGraphql(product.url, asked, { apiKey: own.token })).body);
      expect({ label, found: secrets.filter((secret) => text.includes(secret)) }).toEqual({ label, found: [] });
    });
    expect(await snapshot(other)).toEqual(before);
    console.log(`portal walk: ${cases.length} names over ${new Set(cases.map(({ slot }) => slot.label)).size} places`);
  },
);

const CURSORS = '{ deliveryStreamCursor eventStreamCursor webhookTargetStreamCursor replayStreamCursor }';
const CURSOR_OF: Readonly<Record<string, string>> = {
  deliveryStatusChanged: 'deliveryStreamCursor',
  eventPublished: 'eventStreamCursor',
  webhookTargetStatusChanged: 'webhookTargetStreamCursor',
  replayProgressed: 'replayStreamCursor',
};
const CHANGE = `mutation ($target: ID!, $replay: ID!, $status: WebhookTargetStatus!, $customerId: String!) {
  cancelReplay(input: { id: $replay }) { replay { id } }
  publishEvent(input: { eventType: "customer.created", data: {}, customerId: $customerId }) { userErrors { message } }
  updateWebhookTarget(input: { id: $target, status: $status }) { userErrors { message } }
}`;

/** A change in every stream of the organization. `customerId` tells it from others. */
async function change({ tenant, ids }: World, status: 'PAUSED' | 'ACTIVE', customerId: string): Promise<void> {
  const { body } = await tenant.ask(CHANGE, { target: ids.target, replay: ids.replay, status, customerId });
  const { publishEvent, updateWebhookTarget } = body.data;
  expect([publishEvent, updateWebhookTarget]).toEqual([{ userErrors: [] }, { userErrors: [] }]);
}

test(
  'a stream of a portal session shows nothing of another organization, whatever it is filtered by',
  { timeout: 120_000 },
  async () => {
    const [own, other] = [await world('own'), await world(THEIRS)];
    const cursors = (await postGraphql(product.url, { query: CURSORS }, { apiKey: own.token })).body.data;
    await change(other, 'PAUSED', THEIRS);
    await change(own, 'PAUSED', 'own');

    await using closing = new AsyncDisposableStack();
    /** A socket of its own for so many streams as one may have. */
    const connect = () => {
      const client = createSocketClient(product.url, own.token);
      closing.defer(() => void client.dispose());
      return client;
    };
    const shown: { readonly label: string; readonly text: string }[] = [];
    /** Everything since the changes above, and what comes. */
    const follow = (client: Client, label: string, query: string, variables: object = {}): void => {
      const field = Object.keys(CURSOR_OF).find((name) => query.includes(name));
      const after = field && query.includes('$after') && { after: cursors[CURSOR_OF[field]!] };
      const note = (result: unknown) => void shown.push({ label, text: JSON.stringify(result) });
      client.subscribe({ query, variables: { ...variables, ...after } }, { next: note, error: note, complete() {} });
    };
    const streams = [...ofSchema, ...ofConsole].filter((slot) => !isRequest(slot) && slot.takes === 'id');
    for (const slot of streams) {
      const client = connect();
      for (const { kind, theirs } of pairsFor(slot, other)) {
        follow(client, `${slot.label} with ${kind}`, slot.document, slot.variables({ name: theirs, ids: {} }, false));
      }
    }
    const client = connect();
    for (const field of Object.keys(CURSOR_OF)) {
      const { type } = schema.getSubscriptionType()!.getFields()[field]!;
      follow(client, field, `subscription ($after: String) { ${field}(after: $after) ${selectAll(schema, type, 2)} }`);
    }
    await change(other, 'ACTIVE', THEIRS);
    await change(own, 'ACTIVE', 'own, last');

    // Streams of one field read one feed: when these have shown the last change, the others were given theirs.
    const last = {
      replayProgressed: '"CANCELLED"',
      deliveryStatusChanged: 'own, last',
      eventPublished: 'own, last',
      webhookTargetStatusChanged: '"ACTIVE"',
    };
    for (const [field, text] of Object.entries(last)) {
      await expect.poll(() => shown.some((one) => one.label === field && one.text.includes(text))).toBe(true);
    }
    const found = shown.filter(({ text }) => secretsOf(other).some((secret) => text.includes(secret)));
    expect(found.filter(({ text }) => !isRefusal(text))).toEqual([]);
    expect(new Set(streams.map(({ label }) => label)).size).toBeGreaterThan(5);
  },
);

/** What says that nothing has the name repeats the name. */
const isRefusal = (text: string): boolean => /"code":"(NOT_FOUND|FORBIDDEN)"/.test(text);
