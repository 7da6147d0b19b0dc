import { expect, test } from 'vitest';
import { startApp } from '../src/app.ts';
import { shareConnections } from '../src/database/client.ts';
import { ConfigError, loadConfig } from '../src/config.ts';

const masterKey = Buffer.alloc(32, 7).toString('base64');

test('without settings the service runs locally, on loopback, with the defaults of the README', () => {
  const config = loadConfig({});
  expect(config).toMatchObject({
    ...{ mode: 'local', host: '127.0.0.1', port: 4000, dataDir: '.data', webhookBrand: 'Dakota', maxAttempts: 10 },
    ...{ disableAfterMs: 432_000_000, disableAfterFailures: 20 },
    ...{ attemptTimeoutMs: 20_000, concurrency: 128, targetConcurrency: 16, rateLimitPerMinute: 100 },
    ...{ maxApiKeys: 1_000, maxTargets: 10_000, maxSockets: 1_000, maxStreams: 5_000 },
    organizationRateLimitPerMinute: undefined,
    ...{ bodyBytes: 67_108_864, introspection: 'public', trustedProxies: [] },
    ...{ allowHttpTargets: true, allowedNetworks: [], retentionDays: 30, eventCatalogs: ['dakota', 'dfns', 'daya'] },
    previousMasterKeys: [],
  });
  expect([...config.roles]).toEqual(['api', 'worker']);
  expect(config.retryScheduleMs.map((ms) => ms / 60_000)).toEqual([5, 10, 15, 30, 60, 120, 240, 480, 720, 1200]);
  expect(Object.isFrozen(config)).toBe(true);
});

test('DATABASE_URL means production: public interface, https targets only, MASTER_KEY required', () => {
  const production = { DATABASE_URL: 'postgresql://localhost/x', MASTER_KEY: masterKey };
  expect(loadConfig(production)).toMatchObject({
    ...{ mode: 'production', host: '0.0.0.0', allowHttpTargets: false, introspection: 'key' },
  });
  expect(loadConfig({ ...production, INTROSPECTION: 'public' }).introspection).toBe('public');
  for (const MASTER_KEY of [undefined, '', '  ']) {
    expect(() => loadConfig({ ...production, MASTER_KEY })).toThrow(/MASTER_KEY: required/);
  }
});

test('an empty DATABASE_URL is a mistake, not local mode', () => {
  for (const DATABASE_URL of ['', '  ']) {
    expect(() => loadConfig({ DATABASE_URL, MASTER_KEY: masterKey })).toThrow(
      /DATABASE_URL: expected a connection string/,
    );
  }
});

test('DATABASE_CONNECTIONS counts every connection of a process', () => {
  expect(loadConfig({}).databaseConnections).toBe(9);
  for (const total of [5, 9, 10, 100]) {
    const { connections, readConnections } = shareConnections(total);
    expect(connections + readConnections + 2).toBe(total); // One listens, one touches claims.
    expect(connections).toBeGreaterThan(1);
    expect(readConnections).toBeGreaterThan(0);
  }
});

test('QUEUE_SCHEMA names the schema of pg-boss', () => {
  expect(loadConfig({}).queueSchema).toBeUndefined();
  expect(loadConfig({ QUEUE_SCHEMA: 'app_jobs' }).queueSchema).toBe('app_jobs');
  for (const QUEUE_SCHEMA of ['App', 'pg_boss', '1a', 'a'.repeat(51)]) {
    expect(() => loadConfig({ QUEUE_SCHEMA })).toThrow(/QUEUE_SCHEMA: expected .*lower-case/);
  }
});

test('every mistake is reported at once, by name, with what was expected', () => {
  const wrong = {
    ...{
      PORT: '70000',
      DATABASE_URL: 'mysql://x',
      MASTER_KEY: 'short',
      MASTER_KEY_PREVIOUS: 'eA==,',
      ROLES: 'api,boss',
      WEBHOOK_BRAND: 'A B',
    },
    ...{ RETRY_SCHEDULE: '5m,soon', MAX_ATTEMPTS: '0', ATTEMPT_TIMEOUT: '1ms', CONCURRENCY: '-1' },
    ...{ DISABLE_AFTER: '59m', DISABLE_AFTER_FAILURES: '0' },
    ...{
      ALLOWED_NETWORKS: 'everything',
      ALLOWED_PORTS: '443,0',
      ALLOW_HTTP_TARGETS: 'yes',
      ALLOWED_ORIGINS: 'https://a.example/path',
      BOOTSTRAP_API_KEY: 'short',
    },
    ...{ MAX_API_KEYS: '0', MAX_TARGETS: 'many', MAX_SOCKETS: '1000001', MAX_STREAMS: '-1' },
    ORGANIZATION_RATE_LIMIT_PER_MINUTE: '10000001',
    ...{ BODY_BYTES: '16777215', INTROSPECTION: 'private', TRUSTED_PROXIES: '10.0.0.1' },
    ...{ EVENT_CATALOG: 'stripe', RETENTION_DAYS: '1.5', LOG_LEVEL: 'loud', RATE_LIMIT_PER_MINUTE: 'x' },
  };
  try {
    loadConfig(wrong);
    expect.unreachable();
  } catch (error) {
    const names = (error as ConfigError).mistakes.map((mistake) => mistake.split(':')[0]);
    expect(names.sort()).toEqual(Object.keys(wrong).sort());
    expect((error as Error).message).toContain('expected');
  }
});

test('a secret with a mistake is not repeated in the report', () => {
  expect(() => loadConfig({ BOOTSTRAP_API_KEY: 'hunter2' })).toThrow(/^((?!hunter2).)*$/s);
  expect(() => loadConfig({ DATABASE_URL: 'mysql://user:hunter2@x' })).toThrow(/^((?!hunter2).)*$/s);
});

test.each(['10.0.0.0/33', '999.1.1.1/8', 'fd00::/129', '10.0.0.0', '10.0.0.0/8/8', 'x/8'])(
  'the network %s is refused',
  (network) => {
    expect(() => loadConfig({ ALLOWED_NETWORKS: `10.0.0.0/8,${network}` })).toThrow(/ALLOWED_NETWORKS: expected CIDRs/);
  },
);

test('a network that is written with an address inside it stops the start, by name', async () => {
  const config = loadConfig({ ALLOWED_NETWORKS: '10.1.2.3/8' });
  await expect(startApp(config)).rejects.toThrow(/ALLOWED_NETWORKS: Expected the first address of a network/);
});

test('networks of both families are accepted', () => {
  expect(loadConfig({ ALLOWED_NETWORKS: '10.0.0.0/8, fd00::/8' }).allowedNetworks).toEqual(['10.0.0.0/8', 'fd00::/8']);
});

test('without ALLOWED_PORTS no port is named, and with it these are', () => {
  expect(loadConfig({}).allowedPorts).toBeUndefined();
  expect(loadConfig({ ALLOWED_PORTS: '443, 8443' }).allowedPorts).toEqual([443, 8443]);
});

test.each(['0', '65536', '443;80', 'https', '0443', ',', '-1'])('the port list %j is refused', (ports) => {
  expect(() => loadConfig({ ALLOWED_PORTS: ports })).toThrow(/ALLOWED_PORTS: expected ports such as 443,8443/);
});

test('a data folder that pg_ctl cannot be told of is refused by name', () => {
  expect(() => loadConfig({ DATA_DIR: '/tmp/a$b' })).toThrow(/DATA_DIR: expected a path without/);
});

test('previous master keys are a list', () => {
  const keys = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const MASTER_KEY_PREVIOUS = keys.map((key) => key.toString('base64')).join(', ');
  expect(loadConfig({ MASTER_KEY_PREVIOUS }).previousMasterKeys).toEqual(keys);
});

test('the limits of an organization are numbers', () => {
  const limits = { MAX_API_KEYS: '5', MAX_TARGETS: '6', MAX_SOCKETS: '7', MAX_STREAMS: '8' };
  expect(loadConfig({ ...limits, ORGANIZATION_RATE_LIMIT_PER_MINUTE: '9' })).toMatchObject({
    ...{ maxApiKeys: 5, maxTargets: 6, maxSockets: 7, maxStreams: 8, organizationRateLimitPerMinute: 9 },
  });
});
