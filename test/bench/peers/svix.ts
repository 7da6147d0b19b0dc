/**
 * Svix server (github.com/svix/svix-webhooks, folder server): npm run bench -- --peer "node test/bench/peers/svix.ts svix-server"
 *
 * The argument is its program. It gets the bench's PostgreSQL and keeps its queue in memory; with SVIX_QUEUE_TYPE=redis and
 * SVIX_REDIS_DSN in the environment it keeps the queue in Redis, as its documents advise for production. Every other SVIX_ variable
 * of the environment is passed on, too.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { freePort } from '../../support/network/free-port.ts';
import { runProcess, startProcess } from '../../support/processes/start.ts';
import { runAdapter, type PeerStart, type Sender } from './adapter.ts';

const [program = 'svix-server'] = process.argv.slice(2);
const START_MS = 60_000;
const STOP_MS = 10_000;
const CONNECTIONS = 64;

async function start({ databaseUrl, certificateAuthority }: PeerStart): Promise<Sender> {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const env = {
    SVIX_QUEUE_TYPE: 'memory',
    SVIX_CACHE_TYPE: 'memory',
    SVIX_LOG_LEVEL: 'info', // It knows none that says less.
    // With more tasks than connections to its database (20 by default), publishes wait for one in vain and are answered 500.
    SVIX_DB_POOL_MAX_SIZE: '60',
    SVIX_WORKER_MAX_TASKS: '500',
    ...process.env,
    SVIX_DB_DSN: databaseUrl,
    SVIX_JWT_SECRET: 'bench',
    SVIX_LISTEN_ADDRESS: new URL(origin).host,
    SVIX_WHITELIST_SUBNETS: '["127.0.0.0/8"]',
    // Its requests to targets are made with OpenSSL, which reads this.
    SSL_CERT_FILE: certificateAuthority,
  };
  const { stdout } = await runProcess(program, ['jwt', 'generate'], { env });
  const token = /Token \(Bearer\): (\S+)/.exec(stdout)?.[1];
  if (token === undefined) throw new Error(`Expected a token from ${program} jwt generate, got ${stdout}`);
  const child = startProcess(program, ['--run-migrations'], { env, stdio: ['ignore', 2, 2] });
  const exited = once(child, 'exit');
  const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 });

  async function post(path: string, body: string, expected: number): Promise<any> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const response = await pool.request({ path, method: 'POST', headers, body });
    const text = await response.body.text();
    if (response.statusCode === expected) return JSON.parse(text);
    throw new Error(`POST ${path}: expected ${expected}, got ${response.statusCode} ${text}`);
  }

  await untilHealthy(origin);
  const { id: app } = await post('/api/v1/app/', '{"name":"bench"}', 201);
  const known = new Set<string>();
  return {
    name: 'Svix server',
    async createTargets(targets) {
      for (const { url, eventType } of targets) {
        if (!known.has(eventType)) {
          await post('/api/v1/event-type/', JSON.stringify({ name: eventType, description: 'bench' }), 201);
          known.add(eventType);
        }
        await post(`/api/v1/app/${app}/endpoint/`, JSON.stringify({ url, filterTypes: [eventType] }), 201);
      }
    },
    async publish(eventType, characters) {
      const body = JSON.stringify({ eventType, payload: { text: 'x'.repeat(characters) } });
      await post(`/api/v1/app/${app}/msg/`, body, 202);
    },
    async stop() {
      await pool.close();
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

async function untilHealthy(origin: string): Promise<void> {
  const endMs = performance.now() + START_MS;
  for (;;) {
    const status = await fetch(`${origin}/api/v1/health/`).then(
      (response) => response.status,
      (error: Error) => error.message,
    );
    if (status === 200) return;
    if (performance.now() > endMs)
      throw new Error(`Svix server is not healthy within ${START_MS / 1_000} s: ${status}`);
    await delay(100);
  }
}

await runAdapter(start);
