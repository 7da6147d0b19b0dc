import { expect, test } from 'vitest';
import { buildSchema } from '../../../src/schema/index.ts';
import { graphql } from '../../generated/gql.ts';
import { ACCEPTED, fieldsOf, setupObjects } from '../accepted.ts';
import { setup } from '../setup.ts';

test('the table of accepted mutations knows every mutation', () => {
  expect(Object.keys(buildSchema().getMutationType()!.getFields()).sort()).toEqual(Object.keys(ACCEPTED));
});

test.each(Object.keys(ACCEPTED))('%s answers { __typename } alone', async (name) => {
  await using t = await setupObjects();
  const before = await t.footprint();
  const { data, errors } = await t.execute(`mutation { ${name}${ACCEPTED[name]!(t.ids)} { __typename } }`, {}, t.admin);
  expect({ data, errors }).toEqual({
    data: { [name]: { __typename: `${name[0]!.toUpperCase()}${name.slice(1)}Payload` } },
    errors: [],
  });
  expect(await t.footprint()).not.toBe(before);
});

/** Each mutation with input that it refuses. */
const REFUSED: Readonly<Record<string, [string, { code: string; field: string[] }[]]>> = {
  archiveEventType: ['(input: { name: "no.such" })', [{ code: 'NOT_FOUND', field: ['input', 'name'] }]],
  cancelDeliveries: ['(input: { targetId: "x" })', [{ code: 'NOT_FOUND', field: ['input', 'targetId'] }]],
  cancelDelivery: ['(input: { id: "x" })', [{ code: 'NOT_FOUND', field: ['input', 'id'] }]],
  cancelReplay: ['(input: { id: "x" })', [{ code: 'NOT_FOUND', field: ['input', 'id'] }]],
  createApiKey: [
    '(input: { name: "", scopes: [] })',
    [
      { code: 'REQUIRED', field: ['input', 'name'] },
      { code: 'REQUIRED', field: ['input', 'scopes'] },
    ],
  ],
  createEventType: [
    '(input: { name: "customer.created", category: "c" })',
    [{ code: 'ALREADY_EXISTS', field: ['input', 'name'] }],
  ],
  createOrganization: ['(input: { name: " " })', [{ code: 'REQUIRED', field: ['input', 'name'] }]],
  createPortalSession: ['(input: { scopes: [] })', [{ code: 'REQUIRED', field: ['input', 'scopes'] }]],
  createReplay: [
    '(input: { scope: { mode: ALL, createdAt: {} } })',
    [
      { code: 'REQUIRED', field: ['input', 'scope', 'targetId'] },
      { code: 'REQUIRED', field: ['input', 'scope', 'createdAt', 'gte'] },
      { code: 'REQUIRED', field: ['input', 'scope', 'createdAt', 'lt'] },
    ],
  ],
  createWebhookTarget: ['(input: { url: "ftp://example.com" })', [{ code: 'INVALID', field: ['input', 'url'] }]],
  deleteOrganization: ['(input: { id: "x" })', [{ code: 'NOT_FOUND', field: ['input', 'id'] }]],
  deleteWebhookTarget: ['(input: { id: "x" })', [{ code: 'NOT_FOUND', field: ['input', 'id'] }]],
  eraseEventData: ['(input: { eventId: "x" })', [{ code: 'NOT_FOUND', field: ['input', 'eventId'] }]],
  publishEvent: ['(input: { eventType: "customer.created" })', [{ code: 'REQUIRED', field: ['input', 'data'] }]],
  publishEvents: [
    '(input: { events: [{ eventType: "customer.created", data: 1 }, { eventType: "no.such", data: 1 }] })',
    [{ code: 'UNKNOWN_EVENT_TYPE', field: ['input', 'events', '1', 'eventType'] }],
  ],
  redeliver: [
    '(input: { eventId: "x", targetId: "y" })',
    [
      { code: 'NOT_FOUND', field: ['input', 'targetId'] },
      { code: 'NOT_FOUND', field: ['input', 'eventId'] },
    ],
  ],
  retryDelivery: ['(input: { id: "x" })', [{ code: 'NOT_FOUND', field: ['input', 'id'] }]],
  revokeApiKey: ['(input: { id: "x" })', [{ code: 'NOT_FOUND', field: ['input', 'id'] }]],
  revokePortalSession: ['(input: { id: "x" })', [{ code: 'NOT_FOUND', field: ['input', 'id'] }]],
  rotateWebhookTargetSecret: ['(input: { id: "x" })', [{ code: 'NOT_FOUND', field: ['input', 'id'] }]],
  sendTestEvent: ['(input: { targetId: "x" })', [{ code: 'NOT_FOUND', field: ['input', 'targetId'] }]],
  unarchiveEventType: ['(input: { name: "no.such" })', [{ code: 'NOT_FOUND', field: ['input', 'name'] }]],
  updateEventType: ['(input: { name: "no.such" })', [{ code: 'NOT_FOUND', field: ['input', 'name'] }]],
  updateOrganization: ['(input: { id: "x" })', [{ code: 'NOT_FOUND', field: ['input', 'id'] }]],
  updateWebhookTarget: ['(input: { id: "x" })', [{ code: 'NOT_FOUND', field: ['input', 'id'] }]],
};

type Payload = { readonly userErrors: readonly { readonly message: string }[]; readonly [field: string]: unknown };

test.each(Object.keys(ACCEPTED))('%s says why it did nothing, and answers all its fields when it did', async (name) => {
  await using t = await setupObjects();
  const before = await t.footprint();
  const [args, expected] = REFUSED[name]!;
  const run = async (withArgs: string): Promise<Payload> =>
    (await t.query(`mutation { payload: ${name}${withArgs} { ${fieldsOf(name)} } }`, {}, t.admin)).payload;

  const { userErrors, ...nothing } = await run(args);
  expect(userErrors).toMatchObject(expected);
  expect(userErrors).toHaveLength(expected.length);
  for (const { message } of userErrors) expect(message).toMatch(/^[A-Z].+\.$/s);
  for (const value of Object.values(nothing)) expect(value).toBeNull();
  expect(await t.footprint()).toBe(before);

  const { userErrors: none, ...values } = await run(ACCEPTED[name]!(t.ids));
  expect(none).toEqual([]);
  for (const value of Object.values(values)) expect(value).not.toBeNull();
});

const CREATE_TARGET = graphql(`
  mutation CreateTarget($input: CreateWebhookTargetInput!) {
    createWebhookTarget(input: $input) {
      secret
      target {
        id
        url
        name
        description
        global
        eventTypes
        customerIds
        maxConcurrency
        rateLimitPerSecond
        status
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`);

test('every field of a target comes back as it was given', async () => {
  await using t = await setup();
  const input = {
    url: 'https://example.com/hooks',
    name: 'Name',
    description: 'What for',
    global: true,
    eventTypes: ['customer.created'],
    customerIds: ['c_1', 'c_2'],
    status: 'PAUSED' as const,
    maxConcurrency: 1_000,
    rateLimitPerSecond: 10_000,
  };
  const { data } = await t.execute(CREATE_TARGET, { input }, t.member);
  expect(data!.createWebhookTarget).toMatchObject({ target: input, userErrors: [] });
  expect(data!.createWebhookTarget.secret).toMatch(/^whsec_/);
});

test('mutations of one document see what those before them did', async () => {
  await using t = await setupObjects();
  const set = (status: string) =>
    `updateWebhookTarget(input: { id: "${t.ids.target}", status: ${status} }) { target { status } }`;
  const data = await t.query(`mutation { one: ${set('PAUSED')} two: ${set('DISABLED')} three: ${set('ACTIVE')} }`);
  expect(data).toEqual({
    one: { target: { status: 'PAUSED' } },
    two: { target: { status: 'DISABLED' } },
    three: { target: { status: 'ACTIVE' } },
  });
});

test('a platform admin acts for another organization and sees the result', async () => {
  await using t = await setup();
  const target = await t.fixtures.target({ organizationId: t.other });
  const publish = `mutation {
    publishEvent(input: { eventType: "customer.created", data: 1, organizationId: "${t.other}" }) {
    deliveryCount event { deliveries { nodes { target { id } } } } } }`;
  expect((await t.query(publish, {}, t.admin)).publishEvent).toEqual({
    deliveryCount: 1,
    event: { deliveries: { nodes: [{ target: { id: target.id } }] } },
  });
  const create = `mutation {
    createApiKey(input: { name: "theirs", scopes: [EVENTS_READ], organizationId: "${t.other}" }) {
    apiKey { name scopes } secret } }`;
  expect((await t.query(create, {}, t.admin)).createApiKey).toMatchObject({
    apiKey: { name: 'theirs', scopes: ['EVENTS_READ'] },
  });
});

test('publishEvents returns the events in the order of the input', async () => {
  await using t = await setup();
  const events = Array.from({ length: 30 }, (_, index) => ({ eventType: 'customer.created', data: { index } }));
  const document =
    'mutation ($input: PublishEventsInput!) { publishEvents(input: $input) { events { data } deliveryCount } }';
  const { publishEvents } = await t.query(document, { input: { events } });
  expect(publishEvents.events).toEqual(events.map(({ data }) => ({ data })));
});
