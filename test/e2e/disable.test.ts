/** A target that is gone, as its owner sees it: one process serves the API, another one delivers. */
import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createDatabaseUrl } from '../support/database.ts';
import { startReceiver } from '../support/receiver.ts';
import { API_KEY, CREATE_TARGET, PUBLISH, startService, type CreatedTarget } from '../support/service.ts';

const ALLOWED = { ALLOW_HTTP_TARGETS: 'true', ALLOWED_NETWORKS: '127.0.0.0/8' };

const WATCH = `subscription ($after: String) {
  webhookTargetStatusChanged(after: $after) { cursor previousStatus status reason target { id disabledReason } } }`;

const RESUME = `mutation ($id: ID!) {
  updateWebhookTarget(input: { id: $id, status: ACTIVE }) { target { failureCount disabledReason } userErrors { message } } }`;

test('a target that answers 410 is disabled before the eyes of its owner, who sets it ACTIVE again', async () => {
  const environment = { DATABASE_URL: await createDatabaseUrl(), ...ALLOWED };
  await using api = await startService({ ...environment, ROLES: 'api' });
  await using _worker = await startService({ ...environment, ROLES: 'worker' });
  await using receiver = await startReceiver(() => 410);
  const connection = { webSocketImpl: WebSocket, connectionParams: { apiKey: API_KEY } };
  const client = createClient({ url: api.url.replace('http', 'ws'), ...connection });
  const { webhookTargetStreamCursor: after } = await api.api<{ webhookTargetStreamCursor: string }>(
    '{ webhookTargetStreamCursor }',
  );
  const changes = client.iterate<any>({ query: WATCH, variables: { after } });
  const next = async () => (await changes.next()).value.data.webhookTargetStatusChanged;

  const { createWebhookTarget } = await api.api<CreatedTarget>(CREATE_TARGET, { url: receiver.url });
  const { id } = createWebhookTarget.target;
  expect(await next()).toMatchObject({ previousStatus: null, status: 'ACTIVE', target: { id } });

  await api.api(PUBLISH, { type: 'customer.kyb_status.updated', data: {} });
  const disabled = await next();
  expect(disabled).toMatchObject({ previousStatus: 'ACTIVE', status: 'DISABLED', target: { id } });
  expect(disabled.reason).toContain('410 Gone');
  expect(disabled.target.disabledReason).toBe(disabled.reason);

  const { updateWebhookTarget } = await api.api<any>(RESUME, { id });
  expect(updateWebhookTarget).toEqual({ target: { failureCount: 0, disabledReason: null }, userErrors: [] });
  expect(await next()).toMatchObject({ previousStatus: 'DISABLED', status: 'ACTIVE', reason: null });
  await client.dispose();
});
