/** The master key is changed while services run, as src/app/README.md says, and the command is killed in the middle. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { connectDatabase } from '../../src/database/client.ts';
import { createSeal } from '../../src/domain/seal/seal.ts';
import { verifyWebhook } from '../../src/verify/index.ts';
import { runCli, startCli } from '../support/cli.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { createFixtures } from '../support/fixtures.ts';
import { MASTER_KEY as OLD, masterKeyNamed } from '../support/master-key.ts';
import { startReceiver } from '../support/receiver.ts';
import { CREATE_TARGET, PUBLISH, startService, type CreatedTarget, type Service } from '../support/service.ts';

const NEW = masterKeyNamed('new');
const SECRETS = 5_000;
const sealOf = (key: string) => createSeal(Buffer.from(key, 'base64'), systemClock.randomBytes);

async function setup() {
  const DATABASE_URL = await createDatabaseUrl();
  const receiver = await startReceiver();
  const database = connectDatabase({ databaseUrl: DATABASE_URL, connections: 2, onConnectionLost: () => {} });
  const keys = (current: string, previous = '') => ({ MASTER_KEY: current, MASTER_KEY_PREVIOUS: previous });
  let secret = '';
  return {
    receiver,
    database,
    keys,
    start: (settings: object) => startService({ DATABASE_URL, ...settings }),
    rotate: { environment: { DATABASE_URL, ...keys(NEW, OLD) } },
    async createTarget(service: Service) {
      const { createWebhookTarget } = await service.api<CreatedTarget>(CREATE_TARGET, { url: receiver.url });
      secret = createWebhookTarget.secret;
    },
    /** Publishes one event; its request must be signed by the target's secret and the deployment's key. */
    async deliver(service: Service) {
      await service.api(PUBLISH, { type: 'user.created', data: {} });
      const { headers, body } = await receiver.next();
      const jwks = (await (await fetch(`${service.origin}/.well-known/jwks.json`)).json()) as { keys: { x: string }[] };
      const publicKeys = jwks.keys.map(({ x }) => Buffer.from(x, 'base64url').toString('hex'));
      for (const trust of [{ secrets: [secret] }, { publicKeys }]) {
        expect(await verifyWebhook({ headers, body, ...trust })).toMatchObject({ ok: true });
      }
    },
    /** Secrets of a target that receives nothing. Returns them by the ids of their rows. */
    async addSecrets() {
      const fixtures = createFixtures({ database, clock: systemClock as never });
      const { id: organizationId } = await fixtures.organization();
      const { id } = await fixtures.target({ organizationId, status: 'DISABLED' });
      const context = `target-secret:${organizationId}:${id}`;
      const added = Array.from({ length: SECRETS }, (_, index) => [fixtures.ids.next(), `secret ${index}`] as const);
      await database.pool.query(
        'insert into target_secrets (id, target_id, sealed, created_at) select id, $3, sealed, now() from unnest($1::text[], $2::bytea[]) as new (id, sealed)',
        [added.map(([rowId]) => rowId), added.map(([, text]) => sealOf(OLD).seal(Buffer.from(text), context)), id],
      );
      return { context, added: new Map(added) };
    },
    /** How many values of all tables are sealed under the key. */
    async countUnder(key: string): Promise<number> {
      const { rows } = await database.pool.query(
        `select count(*)::int as count from (
          select sealed from target_secrets union all select sealed from signing_keys union all select sealed from hash_keys) s
          where substring(sealed from 2 for 4) = $1`,
        [sealOf(key).keyId],
      );
      return rows[0].count;
    },
    /** Whoever seals the secret anew waits until the returned function is called. */
    async lockSecret(id: string) {
      const tx = await database.pool.connect();
      await tx.query('begin');
      await tx.query('select from target_secrets where id = $1 for update', [id]);
      return async () => {
        await tx.query('rollback');
        tx.release();
      };
    },
    /** How many wait for a locked secret. */
    async countWaiting(): Promise<number> {
      const { rows } = await database.pool.query(
        `select count(*)::int as count from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock' and query like '%target_secrets%'`,
      );
      return rows[0].count;
    },
    async [Symbol.asyncDispose]() {
      await database.close();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

test(
  'a killed master-key rotate goes on where it was; deliveries are signed all the time, and nothing is lost',
  { timeout: 90_000 },
  async () => {
    await using t = await setup();
    // Step 2 and step 3: one process is still at the old key, another one seals under the new key already.
    await using behind = await t.start(t.keys(OLD, NEW));
    await using ahead = await t.start(t.keys(NEW, OLD));
    await t.createTarget(ahead);
    await t.deliver(behind);
    const { context, added } = await t.addSecrets();
    const before = await t.countUnder(OLD);

    const unlock = await t.lockSecret([...added.keys()][SECRETS / 2]!);
    const killed = startCli(['master-key', 'rotate'], t.rotate);
    await expect.poll(t.countWaiting).toBe(1);
    killed.kill('SIGKILL');
    await once(killed, 'close');
    await unlock();
    const left = await t.countUnder(OLD);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(before);
    await t.deliver(behind);
    await t.deliver(ahead);

    const { exitCode, stdout } = await runCli(['master-key', 'rotate'], t.rotate);
    const { resealed, failed } = JSON.parse(stdout) as { resealed: Record<string, number>; failed: object[] };
    expect([exitCode, failed]).toEqual([0, []]);
    const total = Object.values(resealed).reduce((sum, count) => sum + count, 0);
    console.log(`${before} values under the old key; killed with ${left} left; the second run sealed ${total} anew`);
    expect(total).toBe(left);
    expect(await t.countUnder(OLD)).toBe(0);
    await t.deliver(behind);
    await t.deliver(ahead);

    // Step 5.
    for (const service of [behind, ahead]) await service.kill('SIGTERM');
    await using after = await t.start(t.keys(NEW));
    await t.deliver(after);
    const { rows } = await t.database.pool.query('select id, sealed from target_secrets where id = any($1)', [
      [...added.keys()],
    ]);
    const opened = new Map(rows.map(({ id, sealed }) => [id, sealOf(NEW).open(sealed, context).toString()]));
    expect(opened).toEqual(added);
  },
);
