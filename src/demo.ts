/**
 * `npm run demo`: the whole way of a webhook, before your eyes. Starts the service and a local receiver, then does over
 * GraphQL what a platform and its customer do: register targets, publish events, watch deliveries, retry one by hand. It is
 * a client of the API like any other.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { startApp, type App } from './app.ts';
import { listenForStop } from './app/stop-request.ts';
import { systemClock } from './clock.ts';
import { loadConfig } from './config.ts';
import { verifyWebhook } from './verify/index.ts';

const DEMO_TIMEOUT_MS = 90_000;

type Api = <T>(query: string, variables?: object) => Promise<T>;
type Change = { delivery: { id: string }; previousStatus: string | null; status: string; attempt: Attempt | null };
type Attempt = { number: number; trigger: string; outcome: string; responseStatus: number | null; durationMs: number };

export type DemoOptions = {
  /** Shows the two deliveries, proves them and exits: 0 when both arrived verified, otherwise 1. */
  readonly once: boolean;
  readonly port: number;
};

/** Runs the service with its defaults, whatever the environment says, on a database that is removed when the demo ends. */
export async function runDemo({ once, port }: DemoOptions): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hookcast-demo-'));
  const apiKey = `hk_demo_${systemClock.randomBytes(24).toString('hex')}`;
  const config = { ...loadConfig({ LOG_LEVEL: 'warn' }), dataDir, bootstrapApiKey: apiKey, port: once ? 0 : port };
  const { signal: stopRequested, forced } = listenForStop();
  let starting: Promise<App> | undefined;
  let watcher: Watcher | undefined;

  async function finish(exitCode: number, message: string): Promise<never> {
    say(message);
    await watcher?.stop();
    const app = await starting?.catch(() => undefined); // A start that fails, or is given up, stops what it has started.
    await app?.stop();
    await rm(dataDir, { recursive: true, force: true });
    process.exit(exitCode);
  }
  stopRequested.addEventListener('abort', () => void finish(once ? 130 : 0, 'Stopping …'));
  void forced.then(() => process.exit(1));
  const deadline = setTimeout(() => finish(1, 'The deliveries did not arrive in time.'), DEMO_TIMEOUT_MS);

  let origin = '';
  try {
    say('Starting PostgreSQL and the service …');
    starting = startApp(config, { stopRequested });
    origin = (await starting).url;
    const url = `${origin}/graphql`;
    const api = createApi(url, apiKey);
    watcher = await watch(url, apiKey, api);
    const verified = await showDeliveries(api, watcher);
    clearTimeout(deadline);
    if (once) {
      const proof = `Both deliveries arrived, and the receiver verified both signatures of each (Ed25519 and HMAC).`;
      await finish(verified === 2 ? 0 : 1, verified === 2 ? proof : `Expected 2 verified requests, saw ${verified}.`);
    }
  } catch (error) {
    if (stopRequested.aborted) return; // Its end is under way.
    const { code, message } = error as NodeJS.ErrnoException;
    const advice = code === 'EADDRINUSE' ? '; --port takes another: npm run demo -- --port 4010' : '';
    await finish(1, `The demo failed: ${message}${advice}`);
  }
  say(invitation(origin, apiKey));
}

/** Returns how many requests the receiver accepted, each with both of its signatures verified. */
async function showDeliveries(api: Api, watcher: Watcher): Promise<number> {
  const receiver = await startReceiver(api);
  const steady = await createTarget(api, `${receiver.url}/steady`);
  const flaky = await createTarget(api, `${receiver.url}/flaky`);
  receiver.secrets.set('/steady', steady.secret).set('/flaky', flaky.secret);
  say(
    `A receiver listens at ${receiver.url}: /steady always answers 200, /flaky fails the first request of each event.\n`,
  );

  const [first] = await publish(api, 'customer.kyb_status.updated', steady.id);
  await watcher.until(first!, 'DELIVERED');
  const [second] = await publish(api, 'transaction.auto.updated', flaky.id);
  await watcher.until(second!, 'RETRYING');
  say('  The next attempt is due in 5 minutes; a person retries it now (retryDelivery).');
  await api('mutation ($id: ID!) { retryDelivery(input: { id: $id }) { userErrors { message } } }', { id: second });
  await watcher.until(second!, 'DELIVERED');
  say('');
  return receiver.accepted();
}

function createApi(url: string, apiKey: string): Api {
  return async (query, variables = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: never; errors?: { message: string }[] };
    const userErrors = Object.values((data ?? {}) as Record<string, { userErrors?: { message: string }[] }>).flatMap(
      (payload) => payload?.userErrors ?? [],
    );
    const failure = errors?.[0] ?? userErrors[0];
    if (failure) throw new Error(failure.message);
    return data;
  };
}

async function createTarget(api: Api, url: string): Promise<{ id: string; secret: string }> {
  const { createWebhookTarget } = await api<{ createWebhookTarget: { target: { id: string }; secret: string } }>(
    `mutation ($input: CreateWebhookTargetInput!) {
       createWebhookTarget(input: $input) { target { id } secret userErrors { message } }
     }`,
    { input: { url, name: `Demo ${new URL(url).pathname}`, eventTypes: demoTypes(url) } },
  );
  return { id: createWebhookTarget.target.id, secret: createWebhookTarget.secret };
}

/** Each target takes one type, so that each event has one delivery. */
const demoTypes = (url: string): string[] =>
  url.endsWith('/flaky') ? ['transaction.auto.updated'] : ['customer.kyb_status.updated'];

async function publish(api: Api, eventType: string, targetId: string): Promise<string[]> {
  type Published = {
    publishEvent: { event: { id: string; deliveries: { nodes: { id: string; target: { id: string } }[] } } };
  };
  const { publishEvent } = await api<Published>(
    `mutation ($input: PublishEventInput!) {
       publishEvent(input: $input) {
         event { id deliveries { nodes { id target { id } } } }
         userErrors { message }
       }
     }`,
    {
      input: { eventType, data: { id: '31TgvufZK3gDXBcA3BnSeLWiSn7', status: 'approved', previous_status: 'pending' } },
    },
  );
  say(`publishEvent ${eventType}: event ${publishEvent.event.id}`);
  const nodes = publishEvent.event.deliveries.nodes.filter((delivery) => delivery.target.id === targetId);
  return nodes.map((delivery) => delivery.id);
}

type Watcher = {
  /** Rejects when the subscription ends first. */
  until(deliveryId: string, status: string): Promise<void>;
  stop(): Promise<void>;
};

/** Prints every change as it is committed, over graphql-ws. */
async function watch(url: string, apiKey: string, api: Api): Promise<Watcher> {
  const { deliveryStreamCursor: after } = await api<{ deliveryStreamCursor: string }>('{ deliveryStreamCursor }');
  const seen: Change[] = [];
  let wake = () => {};
  let end: Error | undefined;
  const client = createClient({ url: url.replace(/^http/, 'ws'), connectionParams: { apiKey } });
  client.subscribe<{ deliveryStatusChanged: Change }>(
    {
      query: `subscription ($after: String) {
        deliveryStatusChanged(after: $after) {
          previousStatus status delivery { id }
          attempt { number trigger outcome responseStatus durationMs }
        }
      }`,
      variables: { after },
    },
    {
      next: ({ data }) => {
        seen.push(data!.deliveryStatusChanged);
        say(describe(data!.deliveryStatusChanged));
        wake();
      },
      error: (error) => {
        end = new Error(`the subscription ended: ${explainEnd(error)}`);
        wake();
      },
      complete: () => {},
    },
  );
  return {
    async until(deliveryId, status) {
      while (!seen.some((change) => change.delivery.id === deliveryId && change.status === status)) {
        if (end) throw end;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    // Before the service stops: a client that is left would reconnect to a server that is gone.
    stop: async () => client.dispose(),
  };
}

/** What graphql-ws calls an error: GraphQL errors, how the socket closed, or an event of Node's WebSocket. */
function explainEnd(error: unknown): string {
  if (Array.isArray(error)) return error.map(({ message }) => message).join(' ');
  const { code, reason, message } = error as { code?: number; reason?: string; message?: string };
  return message || [code, reason].filter(Boolean).join(' ') || 'the service cannot be reached';
}

function describe({ delivery, previousStatus, status, attempt }: Change): string {
  const step = previousStatus ? `${previousStatus} -> ${status}` : status;
  const cause = attempt
    ? `attempt ${attempt.number} (${attempt.trigger}): ${attempt.outcome} ${attempt.responseStatus ?? ''} in ${attempt.durationMs} ms`
    : '';
  return `  live  ${delivery.id}  ${step.padEnd(22)} ${cause}`;
}

type DemoReceiver = { url: string; secrets: Map<string, string>; accepted(): number };

/** A customer's receiver: it verifies both signatures of every request before it trusts anything. */
async function startReceiver(api: Api): Promise<DemoReceiver> {
  const { signingKeys } = await api<{ signingKeys: { publicKeyHex: string }[] }>('{ signingKeys { publicKeyHex } }');
  const publicKeys = signingKeys.map((key) => key.publicKeyHex);
  const secrets = new Map<string, string>();
  const failed = new Set<string>();
  let accepted = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = request.url ?? '';
    const { headers } = request;
    const body = Buffer.concat(chunks);
    const result = await verifyWebhook({ headers, body, publicKeys, secrets: [secrets.get(path) ?? ''] });
    const event = String(headers['x-dakota-event-id']);
    const isFirst = path === '/flaky' && !failed.has(event);
    if (isFirst) failed.add(event);
    const status = !result.ok ? 401 : isFirst ? 503 : 200;
    if (status === 200) accepted++;
    const verdict = result.ok ? 'signature verified (Ed25519 and HMAC)' : `refused: ${JSON.stringify(result)}`;
    say(`  recv  ${path}  ${headers['x-dakota-event-type'] ?? ''}  ${verdict}, answers ${status}`);
    response.writeHead(status, { 'content-type': 'text/plain' }).end(verdict);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  server.unref();
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, secrets, accepted: () => accepted };
}

const invitation = (
  origin: string,
  apiKey: string,
): string => `The console is open. Sign in with the API key that its address brings:

  ${origin}/#key=${apiKey}

  Open the event transaction.auto.updated on the page Events, and publish one like it: its first attempt fails. Open its
  delivery, and retry it there. The answers to its attempts say what the receiver has verified.
  GraphiQL is at ${origin}/graphql, and asks for the API key:  ${apiKey}
The receiver goes on verifying; press Ctrl-C to stop.`;

function say(line: string): void {
  console.log(line);
}
