/** A platform that knows its customers by ids of its own, and never looks at ours. */
import { expect, test } from 'vitest';
import { MASTER_KEY, runCli } from '../support/cli.ts';
import { postGraphql } from '../support/client.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { startReceiver } from '../support/receiver.ts';
import { startService } from '../support/service.ts';

const CREATE = `mutation ($name: String!, $externalId: String!) {
  createOrganization(input: { name: $name, externalId: $externalId }) { organization { externalId } userErrors { message } } }`;
const FIND = 'query ($externalId: String!) { organization(externalId: $externalId) { name externalId } }';
const RENAME = `mutation ($id: ID!, $name: String, $externalId: String) {
  updateOrganization(input: { id: $id, name: $name, externalId: $externalId }) {
    organization { name externalId } userErrors { message } } }`;
const CREATE_KEY = `mutation ($organizationId: ID!) {
  createApiKey(input: { name: "customer", scopes: [TARGETS_WRITE], organizationId: $organizationId }) {
    secret userErrors { message } } }`;
const PUBLISH = `mutation ($events: [PublishEventInput!]!) {
  publishEvents(input: { events: $events }) { deliveryCount userErrors { message } } }`;
const REGISTER = `mutation ($url: String!) { createWebhookTarget(input: { url: $url }) { userErrors { message } } }`;
const ME = '{ viewer { organization { name externalId } } }';

// The answers are compared with what is expected.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Data = any;

test('a platform creates, finds, renames and serves a customer by its own ids alone, over the API and the command line', async () => {
  const DATABASE_URL = await createDatabaseUrl();
  await using service = await startService({ DATABASE_URL });
  await using receiver = await startReceiver();
  const ask = (query: string, variables: object) => service.api<Data>(query, variables);
  const cli = (line: string) => runCli(line.split(' '), { environment: { DATABASE_URL, MASTER_KEY } });
  const asCustomer = async (apiKey: string, query: string, variables = {}) =>
    (await postGraphql(service.origin, { query, variables }, { apiKey })).body.data as Data;

  await ask(CREATE, { name: 'Acme', externalId: 'acct:7' });
  expect(await ask(FIND, { externalId: 'acct:7' })).toEqual({ organization: { name: 'Acme', externalId: 'acct:7' } });
  const { secret } = (await ask(CREATE_KEY, { organizationId: 'acct:7' })).createApiKey;
  expect((await asCustomer(secret, ME)).viewer.organization).toEqual({ name: 'Acme', externalId: 'acct:7' });
  expect((await asCustomer(secret, REGISTER, { url: receiver.url })).createWebhookTarget.userErrors).toEqual([]);

  const event = { eventType: 'user.created', data: {}, organizationId: 'acct:7' };
  const { deliveryCount } = (await ask(PUBLISH, { events: [event, event] })).publishEvents;
  expect(deliveryCount).toBe(2);
  await receiver.next();

  const renamed = { name: 'Acme Ltd', externalId: 'acct:8' };
  expect((await ask(RENAME, { id: 'acct:7', ...renamed })).updateOrganization.organization).toEqual(renamed);
  expect(await ask(FIND, { externalId: 'acct:7' })).toEqual({ organization: null });
  expect(await ask(FIND, { externalId: 'acct:8' })).toEqual({ organization: renamed });
  await expect(ask(PUBLISH, { events: [event] })).rejects.toThrow('acct:7');

  const made = JSON.parse((await cli('keys create --scopes EVENTS_READ --name theirs --organization acct:8')).stdout);
  expect((await asCustomer(made.key, ME)).viewer.organization).toEqual(renamed);
  const listed: Data[] = JSON.parse((await cli('keys list --organization acct:8')).stdout);
  expect(listed.map(({ name }) => name)).toEqual(['theirs', 'customer']);
  for (const command of ['keys list', 'keys create --scopes EVENTS_READ']) {
    const { exitCode, stdout, stderr } = await cli(`${command} --organization acct:7`);
    expect([exitCode, stdout, stderr]).toEqual([1, '', '--organization: No organization has the id "acct:7".\n']);
  }
}, 120_000);
