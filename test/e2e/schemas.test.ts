/** Two deployments in two schemas of one database know nothing of each other. */
import { expect, test } from 'vitest';
import pg from 'pg';
import { connectAdmin } from '../support/postgres/admin.ts';
import { startReceiver } from '../support/receiver.ts';
import { CREATE_TARGET, PUBLISH, startService, type CreatedTarget, type PublishedEvent } from '../support/service.ts';

const CURSOR = '{ deliveryStreamCursor signingKeys { id } viewer { organization { id } } }';

test('both publish, deliver and stream side by side, each with its own tables, jobs, keys and doorbell', async () => {
  await using admin = await connectAdmin();
  const name = await admin.createDatabase();
  const owner = await admin.createRole();
  await admin.query(`grant create on database ${name} to ${owner.name}`);
  const urlOf = (schema: string) => `${owner.urlOf(name)}?schema=${schema}`;

  await using one = await startService({ DATABASE_URL: urlOf('one') });
  await using two = await startService({ DATABASE_URL: urlOf('two'), QUEUE_SCHEMA: 'two_jobs' });
  const identities = await Promise.all([one, two].map((service) => service.api<object>(CURSOR)));
  expect(JSON.stringify(identities[0])).not.toBe(JSON.stringify(identities[1]));

  for (const [service, others] of [
    [one, two],
    [two, one],
  ] as const) {
    await using receiver = await startReceiver();
    const { createWebhookTarget } = await service.api<CreatedTarget>(CREATE_TARGET, { url: receiver.url });
    const type = 'wallet.created';
    const { publishEvent } = await service.api<PublishedEvent>(PUBLISH, { type, data: { walletId: 'wa-1' } });
    expect(publishEvent.deliveryCount).toBe(1);
    const request = await receiver.next();
    expect(request.headers['x-dakota-event-id']).toBe(publishEvent.event.id);
    const find = `query ($id: ID!) { webhookTarget(id: $id) { id } }`;
    expect(await others.api(find, { id: createWebhookTarget.target.id })).toEqual({ webhookTarget: null });
  }

  const client = new pg.Client({ connectionString: owner.urlOf(name) });
  await client.connect();
  const { rows } = await client.query(
    `select nspname as name from pg_namespace where nspname !~ '^(pg_|information_schema)' order by 1`,
  );
  expect(rows.map(({ name: schema }) => schema)).toEqual(['one', 'one_pgboss', 'public', 'two', 'two_jobs']);
  expect((await client.query(`select count(*)::int from pg_tables where schemaname = 'public'`)).rows[0].count).toBe(0);
  await client.end();
  for (const service of [one, two]) {
    await service.kill('SIGTERM');
    expect(service.output()).not.toMatch(/"level":50/);
  }
});
