import { expect, test } from 'vitest';
import type { Result } from '../../src/errors.ts';
import { setup } from './targets-setup.ts';

const codes = (result: Result<unknown>) =>
  result.ok ? [] : result.userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`);
const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.userErrors));
  return result.value;
};

const url = 'https://example.com/webhooks/receive';
const KEY = { name: 'X-Key', value: 'secret-of-the-receiver' };
const OTHER = { name: 'Authorization', value: 'Bearer secret-of-the-receiver' };

async function setupHeaders() {
  const t = await setup();
  const { targetId } = value(await t.targets.create(t.member, { url, headers: [KEY, OTHER] }));
  const sealed = async () => (await t.target(targetId))!.sealedHeaders;
  const owner = { id: targetId, organizationId: t.own.id };
  return Object.assign(t, {
    targetId,
    sealed,
    headers: async () => t.targets.openHeaders(owner, await sealed()),
    update: (input: object) => t.targets.update(t.member, { id: targetId, ...input }),
    audited: () => t.rowsOf('select before, after from audit_log order by id'),
  });
}

test('headers are stored sealed, for this target alone', async () => {
  await using t = await setupHeaders();
  expect(await t.headers()).toEqual([KEY, OTHER]);
  const sealed = (await t.sealed())!;
  for (const part of [KEY.name, KEY.value, OTHER.value]) {
    expect(Buffer.from(sealed).toString('latin1')).not.toContain(part);
  }
  const other = value(await t.targets.create(t.member, { url }));
  for (const owner of [
    { id: other.targetId, organizationId: t.own.id },
    { id: t.targetId, organizationId: t.other.id },
  ]) {
    expect(() => t.targets.openHeaders(owner, sealed)).toThrow();
  }
});

test('a change without headers keeps them, a list replaces all of them, an empty list takes them away', async () => {
  await using t = await setupHeaders();
  value(await t.update({ name: 'new' }));
  expect(await t.headers()).toEqual([KEY, OTHER]);
  value(await t.update({ headers: [{ name: 'x-key', value: 'other' }] }));
  expect(await t.headers()).toEqual([{ name: 'x-key', value: 'other' }]);
  value(await t.update({ headers: [] }));
  expect(await t.sealed()).toBeNull();
});

test('a rotation of the secret keeps the headers, and a deletion erases them', async () => {
  await using t = await setupHeaders();
  value(await t.targets.rotateSecret(t.member, { id: t.targetId }));
  expect(await t.headers()).toEqual([KEY, OTHER]);
  value(await t.targets.remove(t.member, { id: t.targetId }));
  expect(await t.sealed()).toBeNull();
});

test('a header that looks like one of ours cannot be set, by a creation or a change', async () => {
  await using t = await setupHeaders();
  const before = await t.everything();
  const headers = [KEY, { name: 'x-DAKOTA-event-id', value: 'v' }, { name: 'Webhook-Signature', value: 'v' }];
  const refused = ['INVALID input.headers.1.name', 'INVALID input.headers.2.name'];
  expect(codes(await t.targets.create(t.member, { url, headers }))).toEqual(refused);
  expect(codes(await t.update({ headers }))).toEqual(refused);
  expect(codes(await t.update({ headers: null }))).toEqual(['REQUIRED input.headers']);
  expect(await t.everything()).toEqual(before);
});

test('the audit log has the names of headers, and which values were changed, never a value', async () => {
  await using t = await setupHeaders();
  value(await t.update({ headers: [OTHER, { ...KEY, value: 'next-secret' }] }));
  value(
    await t.update({
      headers: [
        { ...KEY, value: 'third-secret' },
        { name: 'New', value: 'fourth-secret' },
      ],
    }),
  );
  value(
    await t.update({
      headers: [
        { ...KEY, value: 'third-secret' },
        { name: 'New', value: 'fourth-secret' },
      ],
    }),
  );
  value(await t.targets.remove(t.member, { id: t.targetId }));
  const entries = await t.audited();
  expect(entries).toMatchObject([
    { before: null, after: { headers: ['X-Key', 'Authorization'] } },
    {
      before: { headers: ['X-Key', 'Authorization'], changedHeaders: [] },
      after: { headers: ['Authorization', 'X-Key'], changedHeaders: ['X-Key'] },
    },
    {
      before: { headers: ['Authorization', 'X-Key'], changedHeaders: [] },
      after: { headers: ['X-Key', 'New'], changedHeaders: ['X-Key'] },
    },
    { before: { headers: ['X-Key', 'New'] }, after: null },
  ]);
  expect(JSON.stringify(entries)).not.toContain('secret-of');
  expect(JSON.stringify(entries)).not.toContain('-secret');
});
