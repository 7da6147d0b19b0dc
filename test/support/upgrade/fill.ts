/**
 * Makes rows of every kind by using a release as its clients do: through its API, with real receivers, and by killing it.
 * Upgrades are tested only with the rows that it makes.
 */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import type pg from 'pg';
import { MASTER_KEY } from '../master-key.ts';
import { startProcess } from '../processes/start.ts';
import { startReceiver } from '../receiver.ts';
import { API_KEY, startService, type Service } from '../service.ts';
import type { ReleaseFacts } from './release.ts';

type Options = {
  /** src/main.ts and src/cli.ts of the release. */
  readonly main: string;
  readonly cli: string;
  readonly databaseUrl: string;
  readonly sql: pg.Client;
};

/** What the dump cannot say about itself: secrets that are sealed in it, and what clients had been told. */
export type Filled = Pick<
  ReleaseFacts,
  'apiKey' | 'deliveryCursor' | 'targetCursor' | 'secret' | 'answered' | 'interrupted'
> & { readonly origin: string };

const TYPE = 'parcel.created';
const DAYS = 86_400_000;
const HANG = new Promise<never>(() => {});
const ANSWERS: Readonly<Record<string, number | Promise<never>>> = {
  '/ok': 200,
  '/paused': 200,
  '/fails': 500,
  '/gone': 410,
  '/hangs': HANG,
};

export async function fillRelease({ main, cli, databaseUrl, sql }: Options): Promise<Filled> {
  await using receiver = await startReceiver(({ url }) => ANSWERS[url] ?? 404);
  const start = (environment: NodeJS.ProcessEnv) =>
    startService({ DATABASE_URL: databaseUrl, EVENT_CATALOG: 'daya', ...environment }, main);
  const origin = new URL(receiver.url).origin;

  await using first = await start({ MAX_ATTEMPTS: '1' });
  const { signer } = await makeKeysAndTypes(first);
  const { ok, secret } = await makeTargets(first, origin);
  await publish(first, { customerId: 'one', idempotencyKey: 'parcel-1' });
  await until(sql, `select from deliveries where status = 'FAILED'`);
  await until(sql, `select from webhook_targets where status = 'DISABLED'`);
  await first.api(`mutation { rotateWebhookTargetSecret(input: { id: "${ok}" }) { userErrors { message } } }`);
  await first.kill('SIGTERM');

  await using second = await start({});
  const told = await second.api<Cursors>('{ deliveryStreamCursor webhookTargetStreamCursor }');
  await makeOpenDeliveries(second, origin, sql);
  await createTarget(second, { url: `${origin}/hangs`, eventTypes: ['parcel.hangs'] });
  await publish(second, { eventType: 'parcel.hangs' });
  await receiver.next(({ url }) => url === '/hangs');
  await second.kill('SIGKILL'); // Its job stays active.

  await using third = await start({ ROLES: 'api' });
  await publish(third, {}); // Its jobs wait: no worker runs.
  await retryOne(third, sql); // As that of a retry by hand, which knows where the schedule goes on.
  await mutateSigned(third, signer);
  const answered = await mutateOnce(third, 'answered', CREATE_ORGANIZATION);
  await rotateSigningKey(cli, databaseUrl, sql);
  const interrupted = await interruptMutation(third, sql, ok);
  return {
    origin,
    apiKey: API_KEY,
    secret,
    interrupted,
    deliveryCursor: told.deliveryStreamCursor,
    targetCursor: told.webhookTargetStreamCursor,
    answered: { key: 'answered', query: CREATE_ORGANIZATION, body: answered },
  };
}

type Cursors = { deliveryStreamCursor: string; webhookTargetStreamCursor: string };
type Signer = { readonly apiKey: string; readonly privateKey: KeyObject };

const CREATE_ORGANIZATION = `mutation { createOrganization(input: { name: "Second" }) { organization { id name } } }`;

async function makeKeysAndTypes(service: Service): Promise<{ signer: Signer }> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const hex = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
  const createKey = (input: object) =>
    service.api<CreatedKey>(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id } userErrors { message } } }`,
      { input: { scopes: ['TARGETS_WRITE', 'EVENTS_PUBLISH', 'DELIVERIES_WRITE'], ...input } },
    );
  const signer = await createKey({ name: 'signer', publicKey: hex, rateLimitPerMinute: 1_000 });
  const expiresAt = new Date(Date.now() + 365 * DAYS).toISOString();
  await createKey({ name: 'expires', expiresAt });
  const { createApiKey: leaked } = await createKey({ name: 'leaked' });
  await service.api(
    `mutation { revokeApiKey(input: { id: "${leaked.apiKey.id}" }) { apiKey { id } userErrors { message } } }`,
  );
  for (const name of [TYPE, 'parcel.fails', 'parcel.hangs', 'parcel.old']) {
    await service.api(CREATE_TYPE, {
      input: { name, category: 'parcel', schema: { type: 'object' }, example: { n: 1 } },
    });
  }
  await service.api(`mutation { archiveEventType(input: { name: "parcel.old" }) { userErrors { message } } }`);
  return { signer: { apiKey: signer.createApiKey.secret, privateKey } };
}

type CreatedKey = { createApiKey: { secret: string; apiKey: { id: string } } };

const CREATE_TYPE = `mutation ($input: CreateEventTypeInput!) {
  createEventType(input: $input) { eventType { name } userErrors { message } }
}`;

async function createTarget(service: Service, input: object): Promise<{ id: string; secret: string }> {
  const { createWebhookTarget } = await service.api<{
    createWebhookTarget: { target: { id: string }; secret: string };
  }>(
    `mutation ($input: CreateWebhookTargetInput!) {
      createWebhookTarget(input: $input) { target { id } secret userErrors { message } }
    }`,
    { input },
  );
  return { id: createWebhookTarget.target.id, secret: createWebhookTarget.secret };
}

/** One that is well, one that fails, one that is gone. */
async function makeTargets(service: Service, origin: string): Promise<{ ok: string; secret: string }> {
  const ok = await createTarget(service, { url: `${origin}/ok`, eventTypes: [TYPE], name: 'well', maxConcurrency: 4 });
  await createTarget(service, { url: `${origin}/fails`, eventTypes: [TYPE, 'parcel.fails'], customerIds: ['one'] });
  await createTarget(service, { url: `${origin}/gone`, global: true, description: 'answers 410' });
  return { ok: ok.id, secret: ok.secret };
}

/** Deliveries that are retried, cancelled, retried by hand, held, and cancelled because their target is deleted. */
async function makeOpenDeliveries(service: Service, origin: string, sql: pg.Client): Promise<void> {
  const fails = { eventType: 'parcel.fails', customerId: 'one' };
  const [, cancelled, byHand] = [
    await publish(service, fails),
    await publish(service, fails),
    await publish(service, fails),
  ];
  const deleted = await createTarget(service, {
    url: `${origin}/fails`,
    eventTypes: ['parcel.fails'],
    customerIds: ['two'],
  });
  await publish(service, { ...fails, customerId: 'two' });
  await until(sql, `select from deliveries where status = 'RETRYING' having count(*) = 4`);
  await service.api(`mutation { cancelDelivery(input: { id: "${cancelled}" }) { userErrors { message } } }`);
  await service.api(`mutation { retryDelivery(input: { id: "${byHand}" }) { userErrors { message } } }`);
  await service.api(`mutation { deleteWebhookTarget(input: { id: "${deleted.id}" }) { userErrors { message } } }`);
  await until(sql, `select from deliveries where attempt_count = 2 and status = 'RETRYING'`);
  const paused = await createTarget(service, { url: `${origin}/paused`, eventTypes: ['parcel.hangs'] });
  await service.api(
    `mutation { updateWebhookTarget(input: { id: "${paused.id}", status: PAUSED }) { userErrors { message } } }`,
  );
}

async function retryOne(service: Service, sql: pg.Client): Promise<void> {
  const { rows } = await sql.query(`select id from deliveries where status = 'RETRYING' order by id limit 1`);
  await service.api(`mutation { retryDelivery(input: { id: "${rows[0].id}" }) { userErrors { message } } }`);
}

/** The next key is stored at once; that the command then waits until it is published is of no use here. */
async function rotateSigningKey(cli: string, databaseUrl: string, sql: pg.Client): Promise<void> {
  const env = { PATH: process.env['PATH'], DATABASE_URL: databaseUrl, MASTER_KEY };
  const child = startProcess(process.execPath, [cli, 'signing-keys', 'rotate'], { env, stdio: 'ignore' });
  const exited = once(child, 'exit');
  await until(sql, 'select from signing_keys where retired_at is not null');
  child.kill('SIGKILL');
  await exited;
}

/** The id of the event's first delivery. */
async function publish(service: Service, input: object): Promise<string | undefined> {
  const { publishEvent } = await service.api<{
    publishEvent: { event: { deliveries: { nodes: { id: string }[] } } };
  }>(
    `mutation ($input: PublishEventInput!) {
      publishEvent(input: $input) { event { deliveries { nodes { id } } } userErrors { message } }
    }`,
    { input: { eventType: TYPE, data: { number: 1 }, ...input } },
  );
  return publishEvent.event.deliveries.nodes[0]?.id;
}

/** By a key with a rate limit, too: its window is counted. */
async function mutateSigned(service: Service, { apiKey, privateKey }: Signer): Promise<void> {
  const timestamp = String(Date.now());
  const query = `mutation { publishEvent(input: { eventType: "${TYPE}", data: { signed: true } }) { event { id } } }`;
  const body = JSON.stringify({ query });
  const content = Buffer.from([timestamp, 'POST', '/graphql', body].join('\n'));
  await post(service, body, {
    'x-api-key': apiKey,
    'x-request-timestamp': timestamp,
    'x-request-signature': sign(null, content, privateKey).toString('base64'),
  });
}

const mutateOnce = (service: Service, key: string, query: string): Promise<string> =>
  post(service, JSON.stringify({ query }), { 'x-api-key': API_KEY, 'idempotency-key': key });

/** Kills the service when it has done the first field of a mutation and waits for a lock in the second. */
async function interruptMutation(service: Service, sql: pg.Client, targetId: string) {
  const query = `mutation {
    createOrganization(input: { name: "Interrupted" }) { organization { id } userErrors { message } }
    updateWebhookTarget(input: { id: "${targetId}", name: "renamed" }) { target { name } userErrors { message } }
  }`;
  await sql.query('begin');
  await sql.query('select from webhook_targets where id = $1 for update', [targetId]);
  const lost = mutateOnce(service, 'interrupted', query).catch(() => {});
  await until(sql, 'select from idempotency_effects');
  await service.kill('SIGKILL');
  await sql.query('rollback');
  await lost;
  return { key: 'interrupted', query };
}

async function post(service: Service, body: string, headers: Record<string, string>): Promise<string> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
  const response = await fetch(service.url, init);
  const text = await response.text();
  if (!response.ok || /"errors":|"message":/.test(text)) throw new Error(`${response.status} ${text}`);
  return text;
}

/** Asked again until there is a row; a dump is made by hand, so that is all the care it takes. */
async function until(sql: pg.Client, query: string): Promise<void> {
  const end = Date.now() + 30_000;
  while ((await sql.query(query)).rowCount === 0) {
    if (Date.now() > end) throw new Error(`Expected a row within 30 s, got none: ${query}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
