/** The subject of the tests of targets: a deployment with two organizations and a small catalog. */
import { randomBytes } from 'node:crypto';
import { createQueue } from '../../src/database/queue.ts';
import { createSeal } from '../../src/domain/seal/seal.ts';
import { createTargets } from '../../src/manage/targets.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFixtures } from '../support/fixtures.ts';
import { TESTER } from '../support/tester.ts';

const fail = (error: Error) => {
  throw error;
};

export async function setup({ maxTargets = 10_000 } = {}) {
  const database = await createTestDatabase();
  const { pool } = database;
  const clock = createManualClock();
  const options = { database, supervise: false, attemptTimeoutMs: 20_000, onError: fail, clock: clock.boss };
  const queue = createQueue(options);
  await queue.start();
  const fixtures = createFixtures({ database, clock });
  const [own, other] = [await fixtures.organization(), await fixtures.organization()];
  for (const name of ['transaction.auto.updated', 'customer.created']) await fixtures.eventType({ name });
  await fixtures.eventType({ name: 'old.type', archivedAt: clock.now() });

  const seal = createSeal(randomBytes(32), clock.randomBytes);
  const rings: string[] = [];
  const ring = (channel: string) => void rings.push(channel);
  const urlPolicy = { allowLoopback: false, allowedNetworks: [], allowHttp: false };
  const { ids } = fixtures;
  const brand = 'Dakota';
  const targets = createTargets({ database, queue, clock, ids, seal, urlPolicy, brand, maxTargets, ring });

  const rowsOf = async (query: string, values: unknown[] = []) => (await pool.query(query, values)).rows;
  return {
    database,
    queue,
    clock,
    fixtures,
    own,
    other,
    seal,
    rings,
    targets,
    member: { ...TESTER, organizationId: own.id, isPlatformAdmin: false },
    admin: { ...TESTER, organizationId: own.id, isPlatformAdmin: true },
    rowsOf,
    target: (id: string) => database.prisma().webhookTarget.findUnique({ where: { id } }),
    /** Oldest first, opened. */
    secrets: async (targetId: string) => {
      const rows = await database.prisma().targetSecret.findMany({
        where: { targetId },
        include: { target: true },
        orderBy: { id: 'asc' },
      });
      return rows.map(({ target, sealed, createdAt, expiresAt }) => ({
        secret: seal.open(sealed, `target-secret:${target.organizationId}:${targetId}`).toString(),
        sealed: Buffer.from(sealed),
        createdAt,
        expiresAt,
      }));
    },
    /** Every row that these mutations can write. */
    everything: async () => ({
      targets: await rowsOf('select * from webhook_targets order by id'),
      health: await rowsOf('select * from target_health order by target_id'),
      secrets: await rowsOf('select * from target_secrets order by id'),
      deliveries: await rowsOf('select * from deliveries order by id'),
      changes: await rowsOf('select * from delivery_changes order by xid, seq'),
      targetChanges: await rowsOf('select * from target_changes order by xid, seq'),
      jobs: await rowsOf('select id, data, state, start_after from pgboss.job order by id'),
    }),
    [Symbol.asyncDispose]: async () => {
      await queue.stop();
      await database.close();
    },
  };
}
