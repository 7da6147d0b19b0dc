/** Our tables in a schema of the operator's choice, and several deployments in one database. */
import { expect, test } from 'vitest';
import { masterKeyNamed } from '../support/master-key.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { CREATE_TARGET, PUBLISH, startService, type PublishedEvent, type Service } from '../support/service.ts';
import { administer, createEmptyDatabase, owner, urlFor } from './databases.ts';

const schemasOf = async (database: string): Promise<Record<string, number>> => {
  const { rows } = await administer(
    database,
    `select schemaname, count(*)::int as tables from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema') group by 1 order by 1`,
  );
  return Object.fromEntries(rows.map(({ schemaname, tables }) => [schemaname, tables]));
};

async function deliver(service: Service, receiver: Receiver, name: string): Promise<void> {
  await service.api(CREATE_TARGET, { url: receiver.url });
  const attempted = service.logged('delivery.attempted');
  await service.api<PublishedEvent>(PUBLISH, { type: 'user.created', data: { name } });
  expect(JSON.parse(String((await receiver.next()).body))).toMatchObject({ data: { name } });
  await attempted;
}

test('without ?schema= the tables are in public and pgboss, whatever the search_path', async () => {
  const database = await createEmptyDatabase();
  await administer(database, `create schema ${owner().user} authorization ${owner().user}`); // "$user" of the search_path.
  await using receiver = await startReceiver();
  await using service = await startService({ DATABASE_URL: urlFor(owner(), database) });
  await deliver(service, receiver, 'public');
  expect(Object.keys(await schemasOf(database))).toEqual(['pgboss', 'public']);
});

test('with ?schema= everything is in that schema and the one beside it', async () => {
  const database = await createEmptyDatabase();
  await using receiver = await startReceiver();
  await using service = await startService({ DATABASE_URL: urlFor(owner(), database, { schema: 'hooks' }) });
  await deliver(service, receiver, 'hooks');
  expect(Object.keys(await schemasOf(database))).toEqual(['hooks', 'hooks_pgboss']);
});

test('QUEUE_SCHEMA names the schema of the queue', async () => {
  const database = await createEmptyDatabase();
  const DATABASE_URL = urlFor(owner(), database, { schema: 'hooks' });
  await using receiver = await startReceiver();
  await using service = await startService({ DATABASE_URL, QUEUE_SCHEMA: 'jobs' });
  await deliver(service, receiver, 'jobs');
  expect(Object.keys(await schemasOf(database))).toEqual(['hooks', 'jobs']);
});

test('two deployments in two schemas start at once and work side by side, each with its own key and rows', async () => {
  const database = await createEmptyDatabase();
  const start = (schema: string) =>
    startService({
      DATABASE_URL: urlFor(owner(), database, { schema }),
      MASTER_KEY: masterKeyNamed(schema),
    });
  await using stack = new AsyncDisposableStack();
  const [one, two] = (await Promise.all([start('one'), start('two')])).map((service) => stack.use(service));
  const receivers = [stack.use(await startReceiver()), stack.use(await startReceiver())] as const;
  await Promise.all([deliver(one!, receivers[0], 'one'), deliver(two!, receivers[1], 'two')]);
  const counts = await schemasOf(database);
  expect(Object.keys(counts)).toEqual(['one', 'one_pgboss', 'two', 'two_pgboss']);
  expect(counts['one']).toBe(counts['two']);
  const { rows } = await administer(
    database,
    // Without the service's own events.
    `select (select count(*)::int from one.events where event_type !~ '^(target|api_key)[.]') as one,
       (select count(*)::int from two.events where event_type !~ '^(target|api_key)[.]') as two`,
  );
  expect(rows).toEqual([{ one: 1, two: 1 }]);
  for (const { requests } of receivers) expect(requests).toHaveLength(1);
});
