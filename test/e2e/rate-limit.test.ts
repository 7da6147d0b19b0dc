import { expect, test } from 'vitest';
import { createDatabaseUrl } from '../support/database.ts';
import { openAcknowledged, postGraphql } from '../support/client.ts';
import { startService } from '../support/service.ts';

const VIEWER = { query: '{ viewer { apiKey { rateLimitPerMinute } } }' };
const CREATE_KEY = `mutation { createApiKey(input: { name: "client", scopes: [TARGETS_READ] }) { secret } }`;

test('of 1,000 parallel calls with one key to two processes, exactly its limit of 100 pass', async () => {
  const environment = { DATABASE_URL: await createDatabaseUrl(), ROLES: 'api' };
  await using one = await startService(environment);
  await using other = await startService(environment);
  const { createApiKey } = await one.api<{ createApiKey: { secret: string } }>(CREATE_KEY);
  const apiKey = createApiKey.secret;
  const calls = Array.from({ length: 1_000 }, (_, i) => postGraphql((i % 2 ? one : other).origin, VIEWER, { apiKey }));
  const answers = await Promise.all(calls);
  const passed = answers.filter(({ status }) => status === 200);
  expect(passed).toHaveLength(100);
  expect(passed[0]!.body.data).toEqual({ viewer: { apiKey: { rateLimitPerMinute: 100 } } });
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(900);
  for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  await using socket = await openAcknowledged(other.origin, apiKey);
  socket.send({ id: '1', type: 'subscribe', payload: VIEWER });
  expect(await socket.next()).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'RATE_LIMITED' } }] });
});
