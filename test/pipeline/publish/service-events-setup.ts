/** The subject of the tests of service events: three organizations, the first of which runs the platform. */
import { randomBytes } from 'node:crypto';
import { createQueue } from '../../../src/database/queue.ts';
import { createSeal } from '../../../src/domain/seal/seal.ts';
import { loadCatalog, OWN_CATALOG } from '../../../src/domain/event-types/catalogs.ts';
import { createApiKeys } from '../../../src/manage/api-keys.ts';
import { createTargets } from '../../../src/manage/targets.ts';
import { createFilters } from '../../../src/pipeline/publish/filters.ts';
import type { Written } from '../../../src/pipeline/publish/options.ts';
import { createTellingTransaction } from '../../../src/pipeline/publish/service-events.ts';
import { createManualClock } from '../../support/clock.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixtures } from '../../support/fixtures.ts';
import { TESTER } from '../../support/tester.ts';

const fail = (error: Error) => {
  throw error;
};

export type ToldEvent = {
  readonly organizationId: string;
  readonly type: string;
  readonly data: any;
  readonly receivers: string[];
};

export async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const queue = createQueue({ database, supervise: false, attemptTimeoutMs: 20_000, onError: fail, clock: clock.boss });
  await queue.start();
  const fixtures = createFixtures({ database, clock });
  const { ids } = fixtures;
  const [first, own, other] = [
    await fixtures.organization(),
    await fixtures.organization(),
    await fixtures.organization(),
  ];
  await database.pool.query(`insert into settings (name, value) values ('first_organization', $1)`, [first.id]);
  for (const { name, category } of loadCatalog([OWN_CATALOG])) await fixtures.eventType({ name, category });
  await fixtures.eventType({ name: 'customer.created' });

  const commits: Written[] = [];
  const errors: { message: string; eventTypes: readonly string[] }[] = [];
  const tellingTransaction = createTellingTransaction({
    database,
    queue,
    clock,
    ids,
    filters: createFilters(database.pool, clock),
    maxAttempts: 10,
    onCommit: (written) => void commits.push(written),
    onError: (error, eventTypes) => void errors.push({ message: (error as Error).message, eventTypes }),
  });
  const seal = createSeal(randomBytes(32), clock.randomBytes);
  const urlPolicy = { allowLoopback: false, allowedNetworks: [], allowHttp: false };
  const shared = { database, queue, clock, ids, tellingTransaction };
  const targets = createTargets({ ...shared, seal, urlPolicy, brand: 'Dakota', maxTargets: 10_000, ring: () => {} });
  const apiKeys = createApiKeys({ ...shared, rateLimitPerMinute: 100, maxApiKeys: 1_000 });

  return {
    database,
    queue,
    clock,
    ids,
    fixtures,
    first,
    own,
    other,
    targets,
    apiKeys,
    commits,
    errors,
    tellingTransaction,
    member: { ...TESTER, organizationId: own.id, isPlatformAdmin: false },
    manager: {
      ...TESTER,
      organizationId: own.id,
      isPlatformAdmin: false,
      scopes: new Set(['API_KEYS_MANAGE'] as const),
      rateLimitPerMinute: null,
      expiresAt: null,
    },
    /** What was told so far, oldest first, and to which targets. */
    async told(): Promise<ToldEvent[]> {
      const { rows } = await database.pool.query(
        `select organization_id as "organizationId", event_type as type, body::json -> 'data' as data,
           array(select d.target_id from deliveries d where d.event_id = e.id order by 1) as receivers
         from events e order by id`,
      );
      return rows;
    },
    [Symbol.asyncDispose]: async () => {
      await queue.stop();
      await database.close();
    },
  };
}

export const value = <T>(result: { ok: true; value: T } | { ok: false }): T => {
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.value;
};
