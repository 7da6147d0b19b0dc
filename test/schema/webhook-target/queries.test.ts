import { expect, test } from 'vitest';
import { setup } from '../setup.ts';

const NUL = 'a\0b';
const HALF = '\ud800';

type Nodes = { readonly nodes: readonly { readonly id: string }[] };
const idsOf = ({ nodes }: Nodes): string[] => nodes.map(({ id }) => id);

async function setupTargets() {
  const t = await setup();
  const { fixtures, own: organizationId } = t;
  return Object.assign(t, {
    target: async (options: Partial<Parameters<typeof fixtures.target>[0]> = {}) =>
      (await fixtures.target({ organizationId, ...options })).id,
    filtered: async (filter: object): Promise<string[]> => {
      const query = 'query ($f: WebhookTargetFilter) { webhookTargets(filter: $f) { nodes { id } totalCount } }';
      const { webhookTargets } = await t.query(query, { f: filter });
      expect(webhookTargets.totalCount).toBe(webhookTargets.nodes.length);
      return idsOf(webhookTargets);
    },
  });
}

test('targets are filtered by status, and deleted ones are never listed', async () => {
  await using t = await setupTargets();
  const active = await t.target();
  const paused = await t.target({ status: 'PAUSED' });
  await t.target({ deletedAt: t.clock.now() });
  expect(await t.filtered({})).toEqual([paused, active]);
  expect(await t.filtered({ status: ['PAUSED', 'DISABLED'] })).toEqual([paused]);
  expect(await t.filtered({ status: [] })).toEqual([]);
});

test('eventType finds the targets that would receive it', async () => {
  await using t = await setupTargets();
  const everything = await t.target();
  const subscribed = await t.target({ eventTypes: ['user.created', 'customer.created'], status: 'PAUSED' });
  const global = await t.target({ global: true, eventTypes: ['transaction.auto.updated'] });
  const ofCustomer = await t.target({ customerIds: ['c_1'] });
  await t.target({ eventTypes: ['transaction.auto.updated'] });
  await t.target({ status: 'DISABLED' });
  expect(await t.filtered({ eventType: 'customer.created' })).toEqual([ofCustomer, global, subscribed, everything]);
  expect(await t.filtered({ eventType: 'customer.create' })).toEqual([]);
});

test('a type of the catalog hookcast finds only the targets that list it', async () => {
  await using t = await setupTargets();
  for (const name of ['target.disabled', 'target.created']) await t.fixtures.eventType({ name });
  const everything = await t.target();
  const global = await t.target({ global: true, eventTypes: ['target.disabled'] });
  const named = await t.target({ eventTypes: ['target.disabled'] });
  const pattern = await t.target({ eventTypes: ['target.*'] });
  expect(await t.filtered({ eventType: 'target.disabled' })).toEqual([pattern, named]);
  expect(await t.filtered({ eventType: 'target.created' })).toEqual([pattern, global, everything]);
});

test('eventType finds the targets with a pattern of it, and a pattern those that would receive a type below it', async () => {
  await using t = await setupTargets();
  for (const name of ['wallet', 'wallet.created', 'wallet.policy.updated']) await t.fixtures.eventType({ name });
  const everything = await t.target();
  const broad = await t.target({ eventTypes: ['customer.created', 'wallet.*'] });
  const narrow = await t.target({ eventTypes: ['wallet.policy.*'] });
  const named = await t.target({ eventTypes: ['wallet.created'] });
  await t.target({ eventTypes: ['wallet'] });
  await t.target({ eventTypes: ['wallet.*'], status: 'DISABLED' });
  expect(await t.filtered({ eventType: 'wallet.created' })).toEqual([named, broad, everything]);
  expect(await t.filtered({ eventType: 'wallet.policy.updated' })).toEqual([narrow, broad, everything]);
  expect(await t.filtered({ eventType: 'wallet.policy.*' })).toEqual([narrow, broad, everything]);
  expect(await t.filtered({ eventType: 'wallet.*' })).toEqual([named, narrow, broad, everything]);
  expect(await t.filtered({ eventType: 'walle.*' })).toEqual([]);
  expect(await t.filtered({ eventType: 'wallet.created.*' })).toEqual([]);
  expect(await t.filtered({ eventType: '*' })).toEqual([]);
});

test('search finds a part of name, description or url, in any case, every character as itself', async () => {
  await using t = await setupTargets();
  const named = await t.target({ name: 'Ünal 100% Pay_ments\\', url: 'https://a.example/' });
  const described = await t.target({ description: 'for PAYROLL', url: 'https://b.example/' });
  const plain = await t.target({ url: 'https://hooks.example/Pay?x=1' });
  expect(await t.filtered({ search: 'pay' })).toEqual([plain, described, named]);
  expect(await t.filtered({ search: 'ÜNAL' })).toEqual([named]);
  expect(await t.filtered({ search: 'ünal' })).toEqual([named]);
  expect(await t.filtered({ search: '100%' })).toEqual([named]);
  expect(await t.filtered({ search: '%' })).toEqual([named]);
  expect(await t.filtered({ search: '_' })).toEqual([named]);
  expect(await t.filtered({ search: '\\' })).toEqual([named]);
  expect(await t.filtered({ search: '?x=' })).toEqual([plain]);
  expect(await t.filtered({ search: '' })).toEqual([plain, described, named]);
  // Not across two fields.
  expect(await t.filtered({ search: '\\\nhttps' })).toEqual([]);
  for (const text of [NUL, HALF]) expect(await t.filtered({ search: text })).toEqual([]);
});
