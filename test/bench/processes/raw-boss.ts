/**
 * The reference for batches: pg-boss alone, inserting jobs of one id each.
 * Argument: { databaseUrl, perInsert, lanes, milliseconds }.
 */
import { PgBoss } from 'pg-boss';

export type FromRawBoss = { readonly type: 'done'; readonly perSecond: number };

type Argument = { databaseUrl: string; perInsert: number; lanes: number; milliseconds: number };
const { databaseUrl, perInsert, lanes, milliseconds } = JSON.parse(process.argv[2]!) as Argument;
const boss = new PgBoss({
  connectionString: databaseUrl,
  schema: 'raw_boss',
  max: lanes,
  supervise: false,
  schedule: false,
});
boss.on('error', console.error);
await boss.start();
await boss.createQueue('raw');
const jobs = Array.from({ length: perInsert }, () => ({ data: { deliveryId: 'x'.repeat(27) } }));

async function insertFor(forMs: number): Promise<number> {
  let inserted = 0;
  const startedAt = performance.now();
  const lane = async () => {
    while (performance.now() - startedAt < forMs) {
      await boss.insert('raw', jobs);
      inserted += perInsert;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return inserted / ((performance.now() - startedAt) / 1_000);
}

process.on('disconnect', () => process.exit());
await insertFor(milliseconds / 3);
process.send!({ type: 'done', perSecond: await insertFor(milliseconds) } satisfies FromRawBoss, () => process.exit());
