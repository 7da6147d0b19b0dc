/** Every GraphQL document that a README shows is valid, and the service answers it without an error. */
import { buildSchema, type DocumentNode, Kind, type OperationDefinitionNode, parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientPem } from '../support/certificates/client-certificates.ts';
import { subscribeSse } from '../support/client.ts';
import { blocksOf, documentPaths, readDocument } from '../support/documents.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { API_KEY, callApi, startService, type Service } from '../support/service.ts';

const TYPE = 'transaction.auto.updated';

const schema = buildSchema(await readDocument('schema.graphql'));
const blocks = (await Promise.all((await documentPaths()).map(blocksOf)))
  .flat()
  .filter(({ language }) => language === 'graphql');
const operations = blocks.flatMap((block) =>
  operationsOf(parse(block.code)).map((operation) => ({ ...block, operation, name: operation.name!.value })),
);

let service: Service;
let receiver: Receiver;
let ids: { event: string; target: string };

beforeAll(async () => {
  service = await startService();
  receiver = await startReceiver();
  ids = await stir();
});
afterAll(async () => {
  await receiver?.[Symbol.asyncDispose]();
  await service?.[Symbol.asyncDispose]();
});

/** One delivery that succeeds, a replay, and one target that is disabled: something to show for every list and stream. */
async function stir(): Promise<{ event: string; target: string }> {
  type Created = { createWebhookTarget: { target: { id: string } }; publishEvent: { event: { id: string } } };
  const { createWebhookTarget, publishEvent } = await service.api<Created>(STIR, { url: receiver.url, type: TYPE });
  const target = createWebhookTarget.target.id;
  await receiver.next((request) => request.body.toString().includes(publishEvent.event.id));
  await service.api(REPLAY, { target, ...lastDay() });
  await service.api(DISABLE, { id: target });
  return { event: publishEvent.event.id, target };
}

const STIR = `mutation ($url: String!, $type: String!) {
  createWebhookTarget(input: { url: $url, eventTypes: [$type] }) { target { id } userErrors { message } }
  publishEvent(input: { eventType: $type, data: {} }) { event { id } userErrors { message } }
}`;
const REPLAY = `mutation ($target: ID!, $from: DateTime!, $until: DateTime!) {
  createReplay(input: { scope: { targetId: $target, mode: FAILED, createdAt: { gte: $from, lt: $until } } }) {
    userErrors { message }
  }
}`;
const ERASE = 'mutation { eraseEventData(input: { customerId: "nobody" }) { erasure { id } } }';

const DELIVERY_OF = 'query ($id: ID!) { event(id: $id) { deliveries(first: 1) { nodes { id } } } }';
const DISABLE = `mutation ($id: ID!) {
  updateWebhookTarget(input: { id: $id, status: DISABLED }) { userErrors { message } }
}`;

const lastDay = () => {
  const until = new Date();
  return { from: new Date(until.getTime() - 86_400_000).toISOString(), until: until.toISOString() };
};

/** By root field: the variables that a reader would give it. */
async function variablesFor(field: string): Promise<Record<string, unknown>> {
  const cursorOf = (name: string) => service.api<Record<string, string>>(`{ ${name} }`, {}).then((data) => data[name]);
  switch (field) {
    case 'deliveryStatusChanged':
      return { after: await cursorOf('deliveryStreamCursor') };
    case 'webhookTargetStatusChanged':
      return { after: await cursorOf('webhookTargetStreamCursor') };
    case 'eventPublished':
      return { after: await cursorOf('eventStreamCursor') };
    case 'replayPreview':
      return { target: ids.target, ...lastDay() };
    case 'createReplay': {
      type Created = { createWebhookTarget: { target: { id: string } } };
      const { createWebhookTarget } = await service.api<Created>(STIR, { url: receiver.url, type: TYPE });
      return { target: createWebhookTarget.target.id, ...lastDay() };
    }
    case 'replayProgressed':
      return { after: await cursorOf('replayStreamCursor') };
    case 'event':
      return { id: ids.event };
    case 'delivery': {
      type Found = { event: { deliveries: { nodes: [{ id: string }] } } };
      const found = await service.api<Found>(DELIVERY_OF, { id: ids.event });
      return { id: found.event.deliveries.nodes[0].id };
    }
    case 'erasure': {
      const { eraseEventData } = await service.api<{ eraseEventData: { erasure: { id: string } } }>(ERASE, {});
      return { id: eraseEventData.erasure.id };
    }
    case 'deliveryStatistics':
      return { midnight: new Date().toISOString() };
    case 'updateWebhookTarget':
      return { id: ids.target, certificate: clientPem('ec') };
    case 'auditLog':
      return { id: ids.target };
    default:
      return {};
  }
}

const rootField = ({ selectionSet }: OperationDefinitionNode): string => {
  const [first] = selectionSet.selections;
  return first?.kind === Kind.FIELD ? first.name.value : '';
};

function operationsOf(document: DocumentNode): OperationDefinitionNode[] {
  return document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
}

test('there are queries, mutations and subscriptions, each with a name', () => {
  expect(new Set(operations.map(({ operation }) => operation.operation))).toEqual(
    new Set(['query', 'mutation', 'subscription']),
  );
});

test.each(blocks)('$document:$line is valid', ({ code }) => {
  expect(validate(schema, parse(code))).toEqual([]);
});

test.each(operations)('$document:$line, $name is answered without an error', async ({ code, operation, name }) => {
  const query = code.replaceAll('http://127.0.0.1:3000/', receiver.url);
  const variables = await variablesFor(rootField(operation));
  const request = { query, operationName: name, variables };
  const given = operation.variableDefinitions?.filter(({ variable }) => !(variable.name.value in variables)) ?? [];
  expect(given.filter(({ type }) => type.kind === Kind.NON_NULL_TYPE)).toEqual([]);
  if (operation.operation === 'subscription') {
    await using stream = await subscribeSse(service.url.replace(/\/graphql$/, ''), request, { apiKey: API_KEY });
    await stir();
    const { data } = (await stream.next())!;
    expect(data!.errors).toBeUndefined();
    expect(data!.data[rootField(operation)]).not.toBeNull();
  } else {
    const data = await callApi<Record<string, unknown>>(service.url, query, variables, name);
    expect(data[rootField(operation)]).not.toBeNull();
  }
});
