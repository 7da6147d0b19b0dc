/** What machines ask a process, whatever its role, also while Postgres says nothing. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { connectAdmin } from '../support/postgres/admin.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { documentedMetrics } from '../support/documents.ts';
import { startService } from '../support/service.ts';

/** A way to Postgres that can fall silent: connections stay open, and nothing passes. */
async function openWay(databaseUrl: string) {
  const sockets: Socket[] = [];
  let isSilent = false;
  const pass = (from: Socket, to: Socket) => {
    sockets.push(from);
    from.on('data', (bytes) => isSilent || to.write(bytes));
    from.on('error', () => {}).on('close', () => to.destroy());
  };
  const there = new URL(databaseUrl);
  const server = createServer((client) => {
    const onward = connect(Number(there.port), there.hostname);
    pass(client, onward);
    pass(onward, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    fallSilent: () => void (isSilent = true),
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function ask(url: string) {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  return { status: response.status, text: await response.text() };
}

test('/metrics has every metric that operators are told of', async () => {
  await using service = await startService();
  const { text } = await ask(`${service.origin}/metrics`);
  const names = await documentedMetrics();
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => !text.includes(`# TYPE ${name} `))).toEqual([]);
});

test.each(['api', 'worker', 'api,worker'])('a process with ROLES=%s is alive and says what it lacks', async (roles) => {
  using way = await openWay(await createDatabaseUrl());
  await using service = await startService({ DATABASE_URL: way.url, ROLES: roles });
  expect(await ask(`${service.origin}/readyz`)).toEqual({ status: 200, text: '{"status":"ready"}' });
  const before = await ask(`${service.origin}/metrics`);
  expect(before.text).toMatch(/^hookcast_database_up 1$/m);
  expect(before.text).toMatch(/^hookcast_jobs_due 0$/m);
  expect(before.text.includes('hookcast_open_requests 0')).toBe(roles.includes('worker'));

  way.fallSilent();
  const missing: string[] = [];
  while (!missing.includes('database')) {
    const { text } = await ask(`${service.origin}/readyz`);
    missing.push(...((JSON.parse(text) as { missing?: string[] }).missing ?? []));
  }
  expect(await ask(`${service.origin}/healthz`)).toEqual({ status: 200, text: '{"status":"ok"}' });
  let scrape = before;
  while (!/^hookcast_database_up 0$/m.test(scrape.text)) scrape = await ask(`${service.origin}/metrics`);
  expect(scrape.status).toBe(200);
  expect(scrape.text).not.toMatch(/^hookcast_jobs_due \d/m);
  expect(scrape.text).toMatch(/^process_cpu_seconds_total \d/m);
});

test.each(['api', 'worker'])('a process with ROLES=%s and ADMIN_PORT has both ports until it stops', async (roles) => {
  await using service = await startService({ ROLES: roles, ADMIN_PORT: '0' });
  const [{ adminUrl }] = service.logs.filter(({ msg }) => msg === 'service.started') as [
    { msg: string; adminUrl: string },
  ];
  expect((await ask(`${service.origin}/metrics`)).status).toBe(404);
  const { text } = await ask(`${adminUrl}/metrics`);
  expect(text.includes('hookcast_open_requests 0')).toBe(roles === 'worker');
  for (const url of [service.origin, adminUrl]) {
    expect(await ask(`${url}/readyz`)).toEqual({ status: 200, text: '{"status":"ready"}' });
  }
  await service.kill('SIGTERM');
  expect(service.process.exitCode).toBe(0);
  await expect(ask(`${adminUrl}/healthz`)).rejects.toThrow();
});

test('a process that may open fewer connections than it may need says so once, with the cure', async () => {
  await using admin = await connectAdmin();
  const name = await admin.createDatabase();
  const role = await admin.createRole('connection limit 8');
  await admin.query(`alter database ${name} owner to ${role.name}`);
  const warned = {
    msg: 'database.connections_few',
    allowed: 8,
    needed: 9,
    cure: expect.stringMatching(/CONNECTION LIMIT/),
  };
  await using service = await startService({ DATABASE_URL: role.urlOf(name), DATABASE_CONNECTIONS: '9' });
  expect(service.logs.filter(({ msg }) => msg === 'database.connections_few')).toMatchObject([warned]);
  await service.kill('SIGTERM');

  await using enough = await startService({ DATABASE_URL: role.urlOf(name), DATABASE_CONNECTIONS: '8' });
  expect(enough.logs.filter(({ msg }) => msg === 'database.connections_few')).toEqual([]);
  await enough.kill('SIGTERM');
});
