/**
 * A busy session on a service that logs everything, with secrets that the test knows: none of them may be in what the service
 * logs, measures, answers in errors or stores, neither as it is nor in base64 or hex.
 */
import { createPrivateKey, randomBytes } from 'node:crypto';
import pg from 'pg';
import { expect, test } from 'vitest';
import { createSeal } from '../../src/domain/seal/seal.ts';
import { authorityFile } from '../support/certificates/certificates.ts';
import { clientPem } from '../support/certificates/client-certificates.ts';
import { openAcknowledged, openSocket } from '../support/client.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { startMutualReceiver } from '../support/network/mutual-tls.ts';
import { startReceiver } from '../support/receiver.ts';
import { CREATE_TARGET, startService, type CreatedTarget } from '../support/service.ts';
import { sqlConfig } from '../support/sql.ts';

const TYPE = 'customer.kyb_status.updated';
const API_KEY = 'test-bootstrap-key-0123456789abcdefghij';
const JSON_TYPE = { 'content-type': 'application/json' };

async function setup() {
  const databaseUrl = await createDatabaseUrl();
  const masterKey = randomBytes(32);
  const stack = new AsyncDisposableStack();
  const logged = { LOG_LEVEL: 'trace', NODE_EXTRA_CA_CERTS: authorityFile };
  const environment = { DATABASE_URL: databaseUrl, MASTER_KEY: masterKey.toString('base64'), ...logged };
  const service = stack.use(await startService(environment));
  const receiver = stack.use(await startReceiver());
  const database = new pg.Client(sqlConfig(databaseUrl));
  await database.connect();
  stack.defer(() => database.end());
  const answers: string[] = [];
  /** Sends anything, and keeps what comes back. */
  const send = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(new URL(path, service.origin), init);
    answers.push(`${[...response.headers].join()} ${await response.text()}`);
  };
  const dispose = () => stack.disposeAsync();
  return { service, receiver, database, databaseUrl, masterKey, answers, send, [Symbol.asyncDispose]: dispose };
}

/** What a receiver asks for: the service stores it as a header of the target. Nothing in it looks like a key of ours. */
const [HEADER, REPLACED] = ['header', 'replaced'].map((name) => `${name}-${randomBytes(16).toString('hex')}`) as [
  string,
  string,
];

const CLIENT = clientPem('rsa');

type Session = Awaited<ReturnType<typeof setup>>;

/** Everything that has to do with secrets, done once; the secrets that it made. */
async function act(session: Session): Promise<string[]> {
  const { service, receiver } = session;
  const { createWebhookTarget } = await service.api<CreatedTarget>(CREATE_TARGET, { url: receiver.url });
  const { id } = createWebhookTarget.target;
  const publish = `mutation { publishEvent(input: { eventType: "${TYPE}", data: 1 }) { event { id } userErrors { code } } }`;
  await service.api(publish);
  await receiver.next();
  const { rotateWebhookTargetSecret } = await service.api<{ rotateWebhookTargetSecret: { secret: string } }>(
    `mutation { rotateWebhookTargetSecret(input: { id: "${id}" }) { secret userErrors { code } } }`,
  );
  receiver.respondWith({ status: 500, body: 'no' });
  await service.api(publish);
  await receiver.next();
  const { createApiKey } = await service.api<{ createApiKey: { secret: string; apiKey: { id: string } } }>(
    'mutation { createApiKey(input: { name: "k", scopes: [DELIVERIES_READ] }) { secret apiKey { id } userErrors { code } } }',
  );
  await changeHeaders(session, id);
  await giveCertificate(session, id);
  return [createWebhookTarget.secret, rotateWebhookTargetSecret.secret, createApiKey.secret];
}

/** Sets headers of the target, under an idempotency key, replaces a value, and has requests sent with both. */
async function changeHeaders({ service, receiver }: Session, id: string): Promise<void> {
  receiver.respondWith(200);
  for (const [index, value] of [HEADER, REPLACED].entries()) {
    const query = `mutation { updateWebhookTarget(input: { id: "${id}", headers: [{ name: "X-Key", value: "${value}" }] })
      { target { headers { name value } } userErrors { code } } }`;
    const headers = { ...JSON_TYPE, 'x-api-key': API_KEY, 'idempotency-key': `headers-${index}` };
    const response = await fetch(service.url, { method: 'POST', headers, body: JSON.stringify({ query }) });
    expect(await response.text()).toContain(value);
    await service.api(`mutation { sendTestEvent(input: { targetId: "${id}" }) { userErrors { code } } }`);
    await receiver.next((request) => request.headers['x-key'] === value);
  }
}

/** Gives the target a client certificate under an idempotency key, and has a receiver demand it. */
async function giveCertificate({ service }: Session, id: string): Promise<void> {
  await using strict = await startMutualReceiver();
  const query = `mutation ($input: UpdateWebhookTargetInput!) { updateWebhookTarget(input: $input)
    { target { clientCertificate { subject } } userErrors { code message } } }`;
  const variables = { input: { id, url: strict.url, clientCertificate: CLIENT } };
  const headers = { ...JSON_TYPE, 'x-api-key': API_KEY, 'idempotency-key': 'certificate' };
  const response = await fetch(service.url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  expect(await response.text()).toContain('CN=rsa');
  await service.api(`mutation { sendTestEvent(input: { targetId: "${id}" }) { userErrors { code } } }`);
  // The target hears of its own change too (target.updated), with the certificate as well.
  await expect.poll(() => strict.requests.at(0), { timeout: 20_000 }).toMatchObject({ shownBy: 'rsa' });
}

/** Puts the private key wherever a client could by mistake. */
async function misplaceKey({ send }: Session): Promise<void> {
  const headers = { ...JSON_TYPE, 'x-api-key': API_KEY };
  const query = `mutation ($certificate: ClientCertificateInput) { createWebhookTarget(input: { url: "https://example.com/",
    clientCertificate: $certificate }) { userErrors { field message } } }`;
  const { certificatePem, privateKeyPem } = CLIENT;
  const other = clientPem('ec').certificatePem;
  for (const certificate of [
    privateKeyPem,
    [privateKeyPem],
    { [privateKeyPem]: 1 },
    { privateKeyPem },
    { certificatePem: privateKeyPem, privateKeyPem: certificatePem },
    { certificatePem: `${certificatePem}${privateKeyPem}`, privateKeyPem },
    { certificatePem: other, privateKeyPem },
    { certificatePem, privateKeyPem: [privateKeyPem] },
    { certificatePem, privateKeyPem: { key: privateKeyPem } },
    { certificatePem, privateKeyPem: privateKeyPem.replace('BEGIN', 'BEGIN ENCRYPTED') },
    { certificatePem, privateKeyPem: privateKeyPem.replaceAll('\n', '') },
    { certificatePem, privateKeyPem: privateKeyPem.repeat(20) },
  ]) {
    await send('/graphql', { method: 'POST', headers, body: JSON.stringify({ query, variables: { certificate } }) });
  }
}

/** Lines of the PEM, and the numbers of the key, which a dump or a log could show in any of their forms. */
function formsOfKey(): string[] {
  const { d, p, q } = createPrivateKey(CLIENT.privateKeyPem).export({ format: 'jwk' });
  const numbers = [d, p, q].map((number) => Buffer.from(number!, 'base64url'));
  const forms = numbers.flatMap((number) =>
    (['base64url', 'base64', 'hex'] as const).map((form) => number.toString(form)),
  );
  return [...CLIENT.privateKeyPem.split('\n').filter((line) => line.length === 64), ...forms];
}

/**
 * Puts the value of a header wherever a client could by mistake:
 * in the wrong shape, beside the wrong name, in a wrong document.
 */
async function misplaceHeader({ send }: Session): Promise<void> {
  const headers = { ...JSON_TYPE, 'x-api-key': API_KEY };
  const document =
    'mutation ($headers: [WebhookTargetHeaderInput!]) { createWebhookTarget(input: { url: "https://example.com/", headers: $headers }) { userErrors { field message } } }';
  const shapes = [
    HEADER,
    [HEADER],
    { Authorization: HEADER },
    [{ name: HEADER }],
    [{ name: 'A', value: HEADER, more: 1 }],
    [{ name: 'A', value: [HEADER] }],
    [{ name: 'A', value: { value: HEADER } }],
    [{ name: `Authorization: ${HEADER}`, value: '' }],
    [{ name: 'Host', value: HEADER }],
    [{ name: 'A', value: ` ${HEADER}` }],
    [{ name: 'A', value: `${HEADER}\n` }],
    [{ name: 'A', value: HEADER.repeat(200) }],
  ];
  const sendAll = async (given: unknown) => {
    const body = JSON.stringify({ query: document, variables: { headers: given } });
    await send('/graphql', { method: 'POST', headers, body });
    const literal = JSON.stringify(given).replace(/"(\w+)":/g, '$1: ');
    const query = document.replace('($headers: [WebhookTargetHeaderInput!])', '').replace('$headers', literal);
    await send('/graphql', { method: 'POST', headers, body: JSON.stringify({ query }) });
    await send('/graphql', { method: 'POST', headers, body: JSON.stringify({ query: query.replaceAll(': ', ' ') }) });
  };
  await Promise.all(shapes.map(sendAll));
}

/** Puts a secret wherever a client could by mistake. */
async function misplace({ service, send }: Session, secret: string, key: string): Promise<void> {
  const name = secret.replace(/[^A-Za-z0-9_]/g, '_');
  const header = { ...JSON_TYPE, 'x-api-key': key };
  const encoded = encodeURIComponent(secret);
  for (const path of [
    `/graphql?apiKey=${encoded}`,
    `/graphql?query={viewer{apiKey{id}}}&x-api-key=${encoded}`,
    `/${encoded}`,
    `/graphql?query=${encoded}`,
    `/graphql?query={__typename}&variables=${encoded}`,
    `/metrics?key=${encoded}`,
  ]) {
    await send(path);
  }
  const bodies = [
    secret,
    JSON.stringify(secret),
    `{"query":"${secret}"}`,
    `{"${secret}":1,"${secret}":2}`,
    { query: '{ viewer }', apiKey: secret },
    { query: `{ ${name} }` },
    { query: `query ${name} { viewer { apiKey { id } } }` },
    { query: '{ __typename }', operationName: secret },
    { query: `{ node(id: "${secret}") { id } }` },
    { query: `{ deliveries(after: "${secret}") { nodes { id } } }` },
    { query: `mutation { retryDelivery(input: { id: "${secret}" }) { userErrors { message } } }` },
    { query: 'query ($n: Int) { deliveries(first: $n) { nodes { id } } }', variables: { n: secret } },
    { query: `mutation { publishEvent(input: { eventType: "${secret}", data: 1 }) { userErrors { message } } }` },
    { query: `mutation { revokeApiKey(input: { id: "${secret}" }) { userErrors { message } } }` },
    { query: `{ events(filter: { createdAt: { gte: "${secret}" } }) { nodes { id } } }` },
  ].map((body) => (typeof body === 'string' ? body : JSON.stringify(body)));
  for (const body of bodies) await send('/graphql', { method: 'POST', headers: header, body });
  const post = { method: 'POST', body: '{"query":"{ viewer { apiKey { id } } }"}' };
  for (const headers of [
    { ...JSON_TYPE, 'x-api-key': `${secret}x` },
    { ...JSON_TYPE, authorization: `Basic ${secret}` },
    { ...JSON_TYPE, authorization: `Bearer ${secret}x` },
    { ...header, 'x-request-id': secret },
    { ...header, 'idempotency-key': secret },
    { ...header, origin: `https://${name}.example` },
    { 'content-type': 'text/plain', 'x-api-key': secret },
  ]) {
    await send('/graphql', { ...post, headers });
  }
  for (const payload of [{ apiKey: `${secret}x` }, { token: secret }]) {
    await using socket = await openSocket(service.origin);
    socket.send({ type: 'connection_init', payload });
    await socket.closed;
  }
  await using socket = await openAcknowledged(service.origin, key);
  socket.send({ id: secret, type: 'subscribe', payload: { query: `query ${name} { viewer }` } });
  await socket.next();
  socket.send(secret);
  await socket.closed;
}

/** A secret as it may be found: text, base64 and hex of the text, and of the bytes behind `whsec_`. */
function formsOf(secret: string): string[] {
  const [, encoded] = /^whsec_(.+)$/.exec(secret) ?? [];
  const bytes = [Buffer.from(secret), ...(encoded ? [Buffer.from(encoded, 'base64')] : [])];
  const forms = bytes.flatMap((each) =>
    (['base64', 'base64url', 'hex'] as const).map((form) => each.toString(form).replace(/=+$/, '')),
  );
  return [secret, ...forms, ...forms.filter((form) => /^[0-9a-f]+$/.test(form)).map((form) => form.toUpperCase())];
}

/** Every row of every table, as text. */
async function dump(database: pg.Client): Promise<Map<string, string>> {
  const { rows: tables } = await database.query(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
  );
  const texts = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await database.query(`select r::text as row from ${name} r`);
    texts.set(`table ${name}`, rows.map(({ row }) => row).join('\n'));
  }
  return texts;
}

/** The private keys that sign: sealed in the database, opened here with the master key. */
async function signingSecrets({ database, masterKey }: Session): Promise<Buffer[]> {
  const seal = createSeal(masterKey, randomBytes);
  const { rows } = await database.query('select id, sealed from signing_keys');
  return rows.map(({ id, sealed }) => Buffer.from(seal.open(sealed, `signing-key:${id}`)));
}

test('no secret is in a log, a metric, an error, an answer that is not its own, or the database', async () => {
  await using t = await setup();
  const made = await act(t);
  for (const secret of made) await misplace(t, secret, API_KEY);
  await misplaceHeader(t);
  await misplaceKey(t);
  await t.send('/metrics');
  const privateKeys = await signingSecrets(t);
  expect(privateKeys).toHaveLength(1);
  await t.service.kill('SIGTERM'); // Everything is logged then.

  const places = await dump(t.database);
  places.set('the log', t.service.output());
  t.answers.forEach((answer, index) => places.set(`answer ${index}`, answer));
  const seeds = privateKeys.flatMap((key) => ['base64', 'base64url', 'hex'].map((form) => key.toString(form as 'hex')));
  const masterKey = ['base64', 'base64url', 'hex'].map((form) => t.masterKey.toString(form as 'hex'));
  const secrets = [
    ...[...made, HEADER, REPLACED, API_KEY, new URL(t.databaseUrl).password].flatMap(formsOf),
    ...formsOfKey(),
    ...seeds,
    ...masterKey,
  ];
  const found = [...places].flatMap(([place, text]) =>
    secrets.filter((secret) => text.includes(secret)).map((secret) => `${place}: ${secret}`),
  );
  expect(found).toEqual([]);
  console.log(
    `${secrets.length} forms of secrets in none of ${places.size} places, ${t.service.logs.length} log lines`,
  );
  expect(t.service.logs.length).toBeGreaterThan(50);
  expect(t.answers.length).toBeGreaterThan(80);
});
