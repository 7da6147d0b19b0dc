/**
 * Corrects the dates that an earlier release stored wrong because PostgreSQL's sessions were not in UTC. A row is corrected
 * only where it proves by itself that it is wrong.
 *
 * The proof is its id. A KSUID holds the moment at which it was made, as the service counted it, so `created_at` must be that
 * moment: either as stored, or after the zone's offset at that time is taken off. Any other row is left alone.
 */
import type { Database } from '../database/client.ts';
import type { Sql } from '../database/statement.ts';
import type { Clock } from '../clock.ts';
import { firstIdAt, type IdGenerator } from '../domain/ksuid.ts';
import { audit, type Authored, type AuditEntry, type SubjectType } from './audit.ts';
import { WRITTEN_BY_BOTH } from './date-columns.ts';
import { judgeDates, type DatedRow, type DateVerdict } from './judge-dates.ts';

/** Counts of the rows that have the date. */
export type ColumnFindings = {
  rows: number;
  right: number;
  wrong: number;
  undecidable: number;
  /** The first of the wrong rows. */
  readonly examples: { readonly id: string; readonly before: Date; readonly after: Date }[];
};

export type DateFindings = {
  /** `table.column` of every date that may be wrong. */
  readonly columns: Record<string, ColumnFindings>;
  /** Rows that stay as they are, although they may be wrong. */
  readonly undecidable: { readonly place: string; readonly reason: string }[];
};

type Options = Authored & {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  /** The TimeZone of the sessions that wrote the rows; a name from `findZone`. */
  readonly zone: string;
  /** Looks only at rows that were made before this time. Default: at all rows. */
  readonly before?: Date | undefined;
  /** Whether it writes; false only reports. */
  readonly apply: boolean;
  /** Called after each transaction that wrote, with the number of corrected rows of the table so far. */
  readonly onProgress?: (table: string, count: number) => void;
};

/** Rows of one transaction: it locks the rows that it corrects for some milliseconds. */
const BATCH = 100;
const EXAMPLES = 3;

/** The zone as PostgreSQL spells it; undefined when PostgreSQL knows no zone of that name. */
export async function findZone({ pool }: Pick<Database, 'pool'>, name: string): Promise<string | undefined> {
  const { rows } = await pool.query('select name from pg_timezone_names where lower(name) = lower($1)', [name]);
  return rows[0]?.name;
}

/** May be stopped at any moment and run again: each transaction is kept, and the next run finds corrected rows right. */
export async function repairDates(options: Options): Promise<DateFindings> {
  const findings: DateFindings = { columns: {}, undecidable: [] };
  for (const [table, dates] of Object.entries(WRITTEN_BY_BOTH)) {
    for (const date of dates) findings.columns[`${table}.${date}`] = newFindings();
    let written = 0;
    let last: string | null = '';
    while (last !== null) {
      const after: string = last;
      const batch = await options.database.transaction((tx) => repairBatch(tx, options, { table, dates }, after));
      for (const judged of batch.rows) note(findings, { table, dates }, judged);
      written += batch.written;
      if (batch.written > 0) options.onProgress?.(table, written);
      last = batch.rows.length < BATCH ? null : batch.rows.at(-1)!.id;
    }
  }
  return findings;
}

type Table = { readonly table: string; readonly dates: readonly string[] };
type Judged = DatedRow & { readonly verdict: DateVerdict };

/** Corrects the next rows in the order of their ids. */
async function repairBatch(tx: Sql, options: Options, { table, dates }: Table, after: string) {
  const { zone, before, apply } = options;
  const { rows } = await tx.query<{ id: string; stored: (Date | null)[]; meant: string[][] }>(
    `select id, array[${dates.join(', ')}] as stored, json_build_array(${dates.map(meant).join(', ')}) as meant
       from ${table} where id > $2 and ($3::text is null or id < $3) order by id limit ${BATCH}`,
    [zone, after, before ? firstIdAt(before) : null],
  );
  const judged = rows.map((row): Judged => {
    const dated = { ...row, meant: row.meant.map((all) => all.map((text) => new Date(text))) };
    return { ...dated, verdict: judgeDates(dated, zone) };
  });
  return { rows: judged, written: apply ? await correct(tx, options, { table, dates }, judged) : 0 };
}

/** SQL of every time that is stored as `date` when it is taken for a time of day in the zone $1. Offsets change by hours. */
const meant = (date: string): string => `array(
  select wall at time zone 'UTC'
    from (select (${date} at time zone $1) + n * interval '15 minutes' as wall from generate_series(-12, 12) as n) as walls
   where (wall at time zone $1) = ${date} order by 1)`;

/** A row that somebody else has changed meanwhile stays as it is, for the next run. */
async function correct(
  tx: Sql,
  { author, ids, clock }: Options,
  { table, dates }: Table,
  judged: readonly Judged[],
): Promise<number> {
  const wrong = judged.flatMap(({ id, stored, verdict }) =>
    verdict.kind === 'wrong' ? [{ id, stored, was: stored[0], dates: verdict.dates }] : [],
  );
  if (wrong.length === 0) return 0;
  const places = dates.map((_, index) => `$${index + 3}::timestamptz[]`);
  const { type, organization } = SUBJECTS[table]!;
  const { rows } = await tx.query<{ id: string; organizationId: string | null }>(
    `update ${table} set ${dates.map((date) => `${date} = fixed.${date}`).join(', ')}
       from unnest($1::text[], $2::timestamptz[], ${places.join(', ')}) as fixed (of_row, was, ${dates.join(', ')})
      where id = of_row and ${table}.${dates[0]} = was
  returning id, ${organization} as "organizationId"`,
    [
      wrong.map(({ id }) => id),
      wrong.map(({ was }) => was),
      ...dates.map((_, at) => wrong.map((row) => row.dates[at])),
    ],
  );
  const byId = new Map(wrong.map((row) => [row.id, row]));
  const named = (values: readonly (Date | null)[]) =>
    Object.fromEntries(dates.map((date, at) => [FIELDS[date]!, values[at]]));
  const changes = rows.map(({ id, organizationId }): AuditEntry => {
    const row = byId.get(id)!;
    return { organizationId, type, id, before: named(row.stored), after: named(row.dates) };
  });
  await audit(tx, { author, ids, now: clock.now() }, changes);
  return rows.length;
}

/** How the audit log names the rows of the tables of WRITTEN_BY_BOTH, and which organization owns them. */
const SUBJECTS: Readonly<Record<string, { readonly type: SubjectType; readonly organization: string }>> = {
  organizations: { type: 'Organization', organization: 'null::text' },
  api_keys: { type: 'ApiKey', organization: 'organization_id' },
};

const FIELDS: Readonly<Record<string, string>> = { created_at: 'createdAt', expires_at: 'expiresAt' };

const newFindings = (): ColumnFindings => ({ rows: 0, right: 0, wrong: 0, undecidable: 0, examples: [] });

function note(findings: DateFindings, { table, dates }: Table, { id, stored, verdict }: Judged): void {
  for (const [index, date] of dates.entries()) {
    const before = stored[index];
    if (!before) continue;
    const found = findings.columns[`${table}.${date}`]!;
    found.rows++;
    found[verdict.kind]++;
    if (verdict.kind !== 'wrong' || found.examples.length === EXAMPLES) continue;
    found.examples.push({ id, before, after: verdict.dates[index]! });
  }
  if (verdict.kind === 'undecidable') findings.undecidable.push({ place: `${table} ${id}`, reason: verdict.reason });
}
