/**
 * Seals everything anew under MASTER_KEY, while the service runs. After a change of the master key, MASTER_KEY_PREVIOUS opens
 * what earlier keys sealed, and MASTER_KEY seals it again.
 *
 * A value says which key sealed it, so the rows themselves show what is left to do: after a stop at any moment, the next run
 * goes on there. A row is locked while it is sealed anew. A value that a running process read before stays good: it opens
 * until MASTER_KEY_PREVIOUS is taken away.
 */
import type { Database } from '../database/client.ts';
import type { Sql } from '../database/statement.ts';
import type { Clock } from '../clock.ts';
import type { IdGenerator } from '../domain/ksuid.ts';
import type { Seal } from '../domain/seal/seal.ts';
import { audit, type Authored, type AuditEntry } from './audit.ts';

/** A column of sealed values, and the place of each value. */
type SealedColumn = {
  readonly table: string;
  readonly column: string;
  /** SQL of the row's id, as text. */
  readonly id: string;
  /** SQL of the context that the row's value is sealed for, as its writer builds it. */
  readonly context: string;
};

/** Every sealed column. A test compares this list with the database. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  {
    table: 'target_secrets',
    column: 'sealed',
    id: 'id',
    context: `'target-secret:' || (select organization_id from webhook_targets where id = target_id) || ':' || target_id`,
  },
  {
    table: 'webhook_targets',
    column: 'sealed_headers',
    id: 'id',
    context: `'target-headers:' || organization_id || ':' || id`,
  },
  {
    table: 'target_destinations',
    column: 'sealed_headers',
    id: `target_id || ':' || id`,
    context: `'target-headers:' || organization_id || ':' || target_id`,
  },
  {
    table: 'target_certificates',
    column: 'sealed',
    id: 'target_id',
    context: `'target-certificate:' || (select organization_id from webhook_targets where id = target_id) || ':' || target_id`,
  },
  { table: 'hash_keys', column: 'sealed', id: 'name', context: `'hash-key:' || name` },
  { table: 'signing_keys', column: 'sealed', id: 'id', context: `'signing-key:' || id` },
  { table: 'idempotency_requests', column: 'response', id: 'id', context: `'idempotency-response:' || id` },
  {
    table: 'idempotency_effects',
    column: 'result',
    id: `request_id || ':' || encode(field, 'hex')`,
    context: `'idempotency-effect:' || request_id || ':' || encode(field, 'hex')`,
  },
];

export type Resealed = {
  /** `table.column` -> how many values were sealed anew under MASTER_KEY. */
  readonly resealed: Readonly<Record<string, number>>;
  /** Values that stay as they are, each with the reason: neither setting has their key, or they were changed. */
  readonly failed: readonly Failure[];
};

type Options = Authored & {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  readonly seal: Seal;
  /** Called after each transaction. */
  readonly onProgress?: (place: string, count: number) => void;
};

/** Values of one transaction: it locks their rows for some milliseconds. */
const BATCH = 100;

export async function reseal(options: Options): Promise<Resealed> {
  const resealed: Record<string, number> = {};
  const failed: Failure[] = [];
  const run: Run = { ...options, entryId: options.ids.next(), resealed };
  for (const sealed of SEALED_COLUMNS) {
    const name = `${sealed.table}.${sealed.column}`;
    resealed[name] = 0;
    // Repeated until nothing is left: a process that still runs with the old key may have sealed values meanwhile.
    for (let pass = await resealColumn(run, sealed); ; pass = await resealColumn(run, sealed)) {
      if (pass.count > 0) continue;
      failed.push(...pass.failed.map(({ place, reason }) => ({ place: `${name} ${place}`, reason })));
      break;
    }
  }
  return { resealed, failed };
}

/** The run has one row in the audit log, which each transaction brings up to date. */
type Run = Options & { readonly entryId: string; readonly resealed: Record<string, number> };

async function resealColumn(run: Run, sealed: SealedColumn): Promise<Pass> {
  const { database, seal, resealed, onProgress = () => {} } = run;
  const name = `${sealed.table}.${sealed.column}`;
  const pass: Pass = { count: 0, failed: [] };
  let last: string | null = '';
  while (last !== null) {
    const after: string = last;
    const batch = await database.transaction(async (tx) => {
      const done = await resealBatch(tx, seal, sealed, after);
      await record(tx, run, { ...resealed, [name]: resealed[name]! + done.count });
      return done;
    });
    resealed[name]! += batch.count;
    pass.count += batch.count;
    pass.failed.push(...batch.failed);
    if (batch.count > 0) onProgress(name, pass.count);
    last = batch.last;
  }
  return pass;
}

async function record(tx: Sql, { author, ids, clock, entryId }: Run, counts: Record<string, number>): Promise<void> {
  const resealed = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  const [before, after] = [{ resealed: {} }, { resealed }];
  const change: AuditEntry = { organizationId: null, type: 'MasterKey', id: null, before, after, entryId };
  await audit(tx, { author, ids, now: clock.now() }, [change]);
}

type Row = { readonly id: string; readonly sealed: Buffer; readonly context: string };
type Failure = { readonly place: string; readonly reason: string };
type Pass = { count: number; readonly failed: Failure[] };
type ResealedBatch = Pass & { readonly last: string | null };

/** Goes on in the order of ids, so that a value that cannot be opened is passed by. `last` is null after the last value. */
async function resealBatch(
  tx: Sql,
  seal: Seal,
  { table, column, id, context }: SealedColumn,
  after: string,
): Promise<ResealedBatch> {
  const { rows } = await tx.query<Row>(
    // Reads on from the last id by the primary key.
    `select ${id} as id, ${column} as sealed, ${context} as context from ${table}
      where ${id} > $1 and substring(${column} from 2 for 4) <> $2
      order by ${id} limit ${BATCH} for update`,
    [after, seal.keyId],
  );
  const batch: ResealedBatch = { count: 0, failed: [], last: rows.length < BATCH ? null : rows.at(-1)!.id };
  const fresh: { id: string; sealed: Buffer }[] = [];
  for (const row of rows) {
    try {
      fresh.push({ id: row.id, sealed: seal.seal(seal.open(row.sealed, row.context), row.context) });
    } catch (error) {
      batch.failed.push({ place: row.id, reason: (error as Error).message });
    }
  }
  const values = [fresh.map((row) => row.id), fresh.map((row) => row.sealed)];
  await tx.query(
    `update ${table} set ${column} = fresh.value
       from unnest($1::text[], $2::bytea[]) as fresh (of_row, value) where ${id} = fresh.of_row`,
    values,
  );
  batch.count = fresh.length;
  return batch;
}
