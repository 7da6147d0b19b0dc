/**
 * npm run test:scale [-- <deliveries>]
 *
 * Fills a database with 5 million deliveries, their events, attempts and changes (7 GB in the temporary folder, a few
 * minutes), and checks that each statement of the product reads them by the index meant for it. Prints a line for each
 * check, and the median time of lists beside that of a database with 10,000 deliveries. Fails when a plan is not as it
 * should be.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { systemClock } from '../../src/clock.ts';
import { connectDatabase } from '../../src/database/client.ts';
import { startEmbeddedPostgres } from '../../src/database/embedded.ts';
import { migrate } from '../../src/database/migrate/migrate.ts';
import { withDatabase } from '../support/postgres/database-url.ts';
import { createFixtures } from '../support/fixtures.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { CHECKS, LISTS } from './checks.ts';
import { populate } from './population.ts';
import { check, type Finding } from './verdict.ts';
import { createWorld, setUpQueue, type World } from './world.ts';

const FEW = 10_000;
const MANY = Number(process.argv[2] ?? 5_000_000);
const SAMPLES = 200;

const fail = (error: Error) => {
  throw error;
};

type Place = { readonly databaseUrl: string; readonly deliveries: number };

async function createPlace({ databaseUrl, deliveries }: Place): Promise<World & AsyncDisposable> {
  const database = connectDatabase({ databaseUrl, connections: 4, onConnectionLost: fail });
  const fixtures = createFixtures({ database, clock: systemClock });
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 3 }); // Without the time limit of statements.
  const { queueSchema } = database.connector;
  const population = await populate({ pool, queueSchema, fixtures, deliveries, now: systemClock.now() });
  await pool.end();
  const world = createWorld(database, population);
  await world.start();
  const dispose = async () => {
    await world.stop();
    await database.close();
  };
  return { ...world, [Symbol.asyncDispose]: dispose };
}

async function medianMs(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let taken = -SAMPLES / 10; taken < SAMPLES; taken++) {
    const startedMs = systemClock.monotonicMs();
    await work();
    if (taken >= 0) times.push(systemClock.monotonicMs() - startedMs);
  }
  return times.sort((one, other) => one - other)[SAMPLES / 2]!;
}

async function compareLists(few: World, many: World): Promise<void> {
  console.log(`\nMedian of ${SAMPLES} reads, in milliseconds, at ${FEW} and at ${MANY} deliveries\n`);
  for (const { name, document } of LISTS) {
    const [one, other] = [
      await medianMs(async () => few.read(await document(few))),
      await medianMs(async () => many.read(await document(many))),
    ];
    console.log(`  ${name.padEnd(44)} ${one.toFixed(2).padStart(8)} ${other.toFixed(2).padStart(8)}`);
  }
}

function print({ name, reads, milliseconds, pages, faults }: Finding): void {
  console.log(
    `  ${name.padEnd(48)} ${milliseconds.toFixed(2).padStart(8)} ms ${String(pages).padStart(6)} pages   ${reads.join(', ')}`,
  );
  for (const fault of faults) console.log(`    ✗ ${fault}`);
}

/** Two databases of the product, empty. */
async function createDatabases(databaseUrl: string): Promise<void> {
  await migrate(databaseUrl);
  const database = connectDatabase({ databaseUrl, connections: 2, onConnectionLost: fail });
  await setUpQueue(database);
  await database.close();
  const admin = new pg.Client({ connectionString: withDatabase(databaseUrl, 'postgres') });
  await admin.connect();
  for (const name of ['few', 'many']) await admin.query(`create database ${name} template hookcast`);
  await admin.end();
}

async function main(databaseUrl: string): Promise<number> {
  const urlOf = (name: string) => withDatabase(databaseUrl, name);
  await createDatabases(databaseUrl);

  await using few = await createPlace({ databaseUrl: urlOf('few'), deliveries: FEW });
  console.log(`Making ${MANY} deliveries …`);
  const startedMs = systemClock.monotonicMs();
  await using many = await createPlace({ databaseUrl: urlOf('many'), deliveries: MANY });
  console.log(`… took ${Math.round((systemClock.monotonicMs() - startedMs) / 1_000)} s.\n`);
  for (const world of [few, many]) {
    await world.raisePendingFloor(false);
    await world.publishMuch(20);
  }
  let faults = 0;
  for (const one of CHECKS) {
    const finding = await check(many, one);
    print(finding);
    faults += finding.faults.length;
  }
  await compareLists(few, many);
  return faults;
}

await using folder = await createFolder('hookcast-scale-');
const postgres = await startEmbeddedPostgres({
  directory: folder.path,
  newPassword: randomBytes(16).toString('hex'),
  settings: { fsync: 'off', full_page_writes: 'off', max_wal_size: '4GB', maintenance_work_mem: '512MB' },
});
try {
  const faults = await main(postgres.databaseUrl);
  console.log(faults === 0 ? '\nEvery plan is as it should be.' : `\n${faults} faults.`);
  process.exitCode = faults === 0 ? 0 : 1;
} finally {
  await postgres.stop('immediate');
}
