/** The operators' runbook, command by command, on the log of a busy session: it finds what became of one event. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { createDatabaseUrl } from '../support/database.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { runProcess } from '../support/processes/start.ts';
import { codeBlocks } from '../support/documents.ts';
import { startReceiver } from '../support/receiver.ts';
import { API_KEY, PUBLISH, startService, type PublishedEvent, type Service } from '../support/service.ts';
import { sqlConfig } from '../support/sql.ts';

const BATCHES = 6;
const BATCH_EVENTS = 400;
const SINGLES = 300;

const CREATE_TARGET = `mutation ($url: String!, $type: String!) {
  createWebhookTarget(input: { url: $url, eventTypes: [$type] }) { target { id } userErrors { message } }
}`;
const PUBLISH_MANY = `mutation PublishBatch($events: [PublishEventInput!]!) {
  publishEvents(input: { events: $events }) { deliveryCount userErrors { message } }
}`;

const [STEADY, FLAKY, BROKEN] = ['transaction.auto.updated', 'customer.kyb_status.updated', 'wallet.created'];

/** Thousands of deliveries that arrive, hundreds that arrive late, some that do not: one of these is the customer's. */
async function setup() {
  const stack = new AsyncDisposableStack();
  const databaseUrl = await createDatabaseUrl();
  const service = stack.use(
    await startService({ DATABASE_URL: databaseUrl, RETRY_SCHEDULE: '200ms,1h', MAX_ATTEMPTS: '3' }),
  );
  let served = 0;
  const steady = stack.use(await startReceiver());
  const flaky = stack.use(await startReceiver(() => (served++ % 2 ? 200 : 503)));
  const broken = stack.use(await startReceiver({ status: 500, body: 'no such table: wallets' }));
  for (const [type, { url }] of [
    [STEADY, steady],
    [FLAKY, flaky],
    [BROKEN, broken],
  ] as const) {
    await service.api(CREATE_TARGET, { url, type });
  }
  const typeOf = (index: number) => (index % 20 === 0 ? FLAKY : index % 33 === 0 ? BROKEN : STEADY);
  const events = Array.from({ length: BATCH_EVENTS }, (_, index) => ({ eventType: typeOf(index), data: { index } }));
  await Promise.all(Array.from({ length: BATCHES / 2 }, () => service.api(PUBLISH_MANY, { events })));
  const { publishEvent } = await service.api<PublishedEvent>(PUBLISH, { type: BROKEN, data: { wallet: 'w1' } });
  await Promise.all(Array.from({ length: BATCHES / 2 }, () => service.api(PUBLISH_MANY, { events })));

  const singles = Array.from({ length: SINGLES }, () => service.api(PUBLISH, { type: STEADY, data: {} }));
  const refused = service.api(PUBLISH, { type: 'no.such.type', data: {} });
  await Promise.allSettled([...singles, refused]);

  const client = new pg.Client(sqlConfig(databaseUrl));
  await client.connect();
  stack.defer(() => client.end());
  await settled(client, service);
  const { path: directory } = stack.use(await createFolder('hookcast-runbook-'));
  const log = join(directory, 'hookcast.log');
  await writeFile(log, service.logs.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const env = {
    PATH: process.env['PATH'],
    HOOKCAST: service.origin,
    KEY: API_KEY,
    LOG: log,
    EVENT: publishEvent.event.id,
  };
  const shell = async (command: string) => (await runProcess('bash', ['-c', command], { cwd: directory, env })).stdout;
  return {
    service,
    client,
    directory,
    eventId: publishEvent.event.id,
    shell,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Until what is still open waits for the second retry, and the log has a line of every attempt. */
async function settled(client: pg.Client, service: Service): Promise<void> {
  for (;;) {
    const next = service.logged('delivery.attempted'); // Asked for first: the last one may come while this is looked at.
    const { rows } = await client.query(
      `select (select count(*)::int from deliveries where status = 'PENDING'
         or status = 'RETRYING' and next_attempt_at < now() + interval '1 minute') as open,
       (select count(*)::int from delivery_attempts) as attempts`,
    );
    if (
      rows[0].open === 0 &&
      service.logs.filter(({ msg }) => msg === 'delivery.attempted').length === rows[0].attempts
    )
      return;
    await next;
  }
}

const hasJq = () =>
  runProcess('jq', ['--version']).then(
    () => true,
    () => false,
  );

test('an operator finds a lost-looking event by its id, with the commands of the runbook only', async (context) => {
  if (!(await hasJq())) context.skip('jq is not installed');
  await using t = await setup();
  const { rows } = await t.client.query(
    `select d.id, d.status, d.attempt_count, d.next_attempt_at, d.target_id, a.outcome, a.response_status, a.error
     from deliveries d join delivery_attempts a on a.delivery_id = d.id and a.number = d.attempt_count
     where d.event_id = $1`,
    [t.eventId],
  );
  const [truth] = rows;
  const nextAttemptAt = truth.next_attempt_at.toISOString();
  expect(truth).toMatchObject({ status: 'RETRYING', attempt_count: 2, outcome: 'HTTP_ERROR', response_status: 500 });

  const [query] = await codeBlocks('src/app/README.md', 'A customer says an event never arrived', 'graphql');
  await writeFile(join(t.directory, 'event.graphql'), query!);
  const [settings, ask, attempts, publisher, refused, metrics, ...rest] = await codeBlocks(
    'src/app/README.md',
    'A customer says an event never arrived',
    'sh',
  );
  expect([settings!.match(/[A-Z]+(?==)/g), rest]).toEqual([['HOOKCAST', 'KEY', 'LOG', 'EVENT'], []]);

  const event = JSON.parse(await t.shell(ask!));
  expect(event).toMatchObject({
    eventType: { name: BROKEN },
    deliveries: { nodes: [{ id: truth.id, status: truth.status }] },
  });
  const [delivery] = event.deliveries.nodes;
  expect(delivery).toMatchObject({ nextAttemptAt, attemptCount: 2, target: { id: truth.target_id, status: 'ACTIVE' } });
  expect(delivery.attempts.nodes).toMatchObject([
    { number: 2, outcome: 'HTTP_ERROR', responseStatus: 500, error: truth.error },
  ]);

  const lines = (await t.shell(attempts!))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ number, status }) => [number, status])).toEqual([
    [1, 'RETRYING'],
    [2, 'RETRYING'],
  ]);
  expect(lines.at(-1)).toMatchObject({
    deliveryId: truth.id,
    targetId: truth.target_id,
    nextAttemptAt,
    error: truth.error,
  });
  expect(lines.at(-1).urlHost).toBe(new URL(delivery.target.url).host);

  const published = JSON.parse(await t.shell(publisher!));
  expect(published).toMatchObject({ eventCount: 1, apiKeyPrefix: null }); // Of a bootstrap key nothing is logged.
  expect(JSON.parse(await t.shell(refused!))).toMatchObject({ userErrorCodes: ['UNKNOWN_EVENT_TYPE'], errorCodes: [] });
  expect(await t.shell(metrics!)).toMatch(/^hookcast_attempts_total\{outcome="HTTP_ERROR",status="RETRYING"\} \d+$/m);
  const text = JSON.stringify(t.service.logs);
  for (const secret of [API_KEY, 'wallet":', 'no such table']) expect(text).not.toContain(secret);
  const count = (msg: string) => t.service.logs.filter((line) => line.msg === msg).length;
  console.log(`${t.service.logs.length} lines, of which ${count('delivery.attempted')} attempts`);
});

test('who disabled a target, and who changed it before, is found by its id, with the commands of the runbook only', async (context) => {
  if (!(await hasJq())) context.skip('jq is not installed');
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const service = stack.use(await startService());
  const gone = stack.use(await startReceiver({ status: 410 }));
  const { path: cwd } = stack.use(await createFolder('hookcast-runbook-'));
  type Created = { createWebhookTarget: { target: { id: string } } };
  const created = await service.api<Created>(CREATE_TARGET, { url: gone.url, type: STEADY });
  const { id } = created.createWebhookTarget.target;
  const rename =
    'mutation Harmless($id: ID!) { updateWebhookTarget(input: { id: $id, name: "N" }) { userErrors { code } } }';
  await service.api(rename, { id });
  const disabled = service.logged('target.disabled');
  await service.api(PUBLISH, { type: STEADY, data: {} });
  await disabled;

  const [query] = await codeBlocks('src/schema/README.md', 'Audit log', 'graphql');
  await writeFile(join(cwd, 'audit.graphql'), query!);
  const [settings, ask, ...rest] = await codeBlocks('src/app/README.md', 'A target was disabled', 'sh');
  expect([settings!.match(/[A-Z]+(?==)/g), rest]).toEqual([['HOOKCAST', 'KEY', 'TARGET'], []]);
  const env = { PATH: process.env['PATH'], HOOKCAST: service.origin, KEY: API_KEY, TARGET: id };
  const { stdout } = await runProcess('bash', ['-c', ask!], { cwd, env });
  const entries = stdout.trimEnd().split('\n');
  expect(entries.map((line) => JSON.parse(line))).toMatchObject([
    { operation: 'disableFailingTarget', actor: 'SERVICE', apiKeyName: null, after: { status: 'DISABLED' } },
    { operation: 'updateWebhookTarget', actor: 'API_KEY', apiKeyName: 'Bootstrap', after: { name: 'N' } },
    { operation: 'createWebhookTarget', actor: 'API_KEY', apiKeyName: 'Bootstrap', before: null },
  ]);
});
