import { expect, test } from 'vitest';
import { createForgetDeleted } from '../../../src/pipeline/upkeep/forget-deleted.ts';
import { setup as setupTargets } from '../../manage/targets-setup.ts';
import { clientPem } from '../../support/certificates/client-certificates.ts';

test('what a process of an earlier release leaves of a deleted target is forgotten, and that of others stays', async () => {
  await using t = await setupTargets();
  const create = async (): Promise<string> => {
    const input = { url: 'https://example.com/hook', clientCertificate: clientPem('ec') };
    const created = await t.targets.create(t.member, input);
    if (!created.ok) throw new Error(created.userErrors[0]!.message);
    return created.value.targetId;
  };
  const [deleted, kept] = [await create(), await create()];
  await t.rowsOf(`update webhook_targets set sealed_headers = 'sealed'`);
  await t.rowsOf(
    `insert into target_destinations (target_id, id, organization_id, url, sealed_headers, brand, last_used_at)
     select id, 'd', organization_id, url, 'sealed', 'Dakota', now() from webhook_targets`,
  );
  await t.rowsOf('update webhook_targets set deleted_at = now() where id = $1', [deleted]);
  await createForgetDeleted({ database: t.database, onError: () => {} }).run();
  const left = async (sql: string) => (await t.rowsOf(sql)).map(({ id }) => id);
  expect(await left('select target_id as id from target_certificates')).toEqual([kept]);
  for (const table of ['webhook_targets', 'target_destinations']) {
    const id = table === 'webhook_targets' ? 'id' : 'target_id';
    expect(await left(`select ${id} as id from ${table} where sealed_headers is not null`)).toEqual([kept]);
  }
});
