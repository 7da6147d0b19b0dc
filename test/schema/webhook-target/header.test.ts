import { expect, test } from 'vitest';
import { setup } from '../setup.ts';

const CREATE = `mutation ($input: CreateWebhookTargetInput!) {
  createWebhookTarget(input: $input) { target { id headers { name value } } userErrors { code field message } }
}`;
const UPDATE = `mutation ($input: UpdateWebhookTargetInput!) {
  updateWebhookTarget(input: $input) { target { headers { name value } } userErrors { code field } }
}`;
const READ = 'query ($id: ID!) { webhookTarget(id: $id) { headers { name value } } }';

const KEY = { name: 'X-Key', value: 'secret' };
const OTHER = { name: 'Authorization', value: 'Bearer a' };

async function setupTarget() {
  const t = await setup();
  const input = { url: 'https://example.com/hook', headers: [KEY, OTHER] };
  const { createWebhookTarget } = await t.query(CREATE, { input });
  return Object.assign(t, {
    created: createWebhookTarget.target as { id: string; headers: unknown },
    headers: async (caller = t.member) =>
      (await t.query(READ, { id: createWebhookTarget.target.id }, caller)).webhookTarget?.headers,
  });
}

test('headers are shown as they were given, to whoever may change the target', async () => {
  await using t = await setupTarget();
  expect(t.created.headers).toEqual([KEY, OTHER]);
  expect(await t.headers()).toEqual([KEY, OTHER]);
  expect(await t.headers(t.admin)).toEqual([KEY, OTHER]);
  expect(await t.headers(await t.caller(t.own, ['TARGETS_WRITE']))).toEqual([KEY, OTHER]);
});

test('whoever may only read gets the names, and null for each value', async () => {
  await using t = await setupTarget();
  const names = [
    { name: 'X-Key', value: null },
    { name: 'Authorization', value: null },
  ];
  expect(await t.headers(await t.caller(t.own, ['TARGETS_READ']))).toEqual(names);
  expect(await t.headers(t.stranger)).toBeUndefined();
});

test('an update replaces all headers, an empty list takes them away, and null is REQUIRED', async () => {
  await using t = await setupTarget();
  const { id } = t.created;
  const update = async (headers: unknown) => (await t.query(UPDATE, { input: { id, headers } })).updateWebhookTarget;
  expect((await update([OTHER])).target.headers).toEqual([OTHER]);
  expect((await update([])).target.headers).toEqual([]);
  expect((await update(null)).userErrors).toEqual([{ code: 'REQUIRED', field: ['input', 'headers'] }]);
});

test('each error has the path of its header, and no value in its message', async () => {
  await using t = await setupTarget();
  const headers = [
    { name: 'Host', value: 'secret' },
    { name: 'X-Key', value: 'secret\n' },
  ];
  const input = { url: 'https://example.com/hook', headers: [...headers, { name: 'x-key', value: ' secret' }] };
  const { userErrors } = (await t.query(CREATE, { input })).createWebhookTarget;
  expect(userErrors.map(({ code, field }: { code: string; field: string[] }) => `${code} ${field.join('.')}`)).toEqual([
    'INVALID input.headers.0.name',
    'INVALID input.headers.1.value',
    'INVALID input.headers.2.name',
    'INVALID input.headers.2.value',
  ]);
  expect(JSON.stringify(userErrors)).not.toContain('secret');
});

test('headers of many targets in a list are read by one statement', async () => {
  await using t = await setupTarget();
  for (let count = 0; count < 3; count++) await t.fixtures.target({ organizationId: t.own });
  t.statements.length = 0;
  const { webhookTargets } = await t.query('{ webhookTargets { nodes { headers { name value } } } }');
  expect(webhookTargets.nodes).toEqual([{ headers: [] }, { headers: [] }, { headers: [] }, { headers: [KEY, OTHER] }]);
  expect(t.statements.filter((text) => text.includes('sealed_headers'))).toHaveLength(1);
});
