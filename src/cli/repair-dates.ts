import { loadConfig } from '../config.ts';
import { asCommand, CommandError, parseTime, readArguments, readOption, UsageError, type Command } from './command.ts';

export const repairDatesCommand: Command = {
  summary: 'correct dates that were stored while PostgreSQL was not in UTC',
  help: `Usage: hookcast repair-dates --zone ZONE [--before TIME] [--apply]

For a deployment whose PostgreSQL was in another time zone than UTC under release 0.1.0 or a build before it: finds the
rows whose dates are off by the offset of that zone. Writes nothing unless --apply is given.

Only the creation of organizations and API keys and the expiry of the keys can be wrong, and only in rows of builds that
had no idempotency keys yet. Beside them are rows that are right. So each row is judged by its own id, which holds the
moment at which it was made. A row that proves nothing is left as it is, and named. The service may go on running. A
second run finds nothing to correct.

Options:
  --zone ZONE      the TimeZone that PostgreSQL had: \`show timezone\`, as the old release's role, in its database
  --before TIME    look only at rows made before it, such as 2026-11-21T00:00:00Z; default: at all rows
  --apply          write the corrections, in small transactions

Output: { "zone", "applied", "columns": { "<table>.<column>": { "rows", "right", "wrong", "undecidable",
          "examples": [{ "id", "before", "after" }] } }, "undecidable": [{ "place", "reason" }],
          "notTouched": { "<reason>": ["<table>.<column>"] } }
Exit code 1 when a row cannot be decided; all others are corrected.

Examples:
  hookcast repair-dates --zone America/New_York
  hookcast repair-dates --zone America/New_York --apply`,
  async run(args, say) {
    const options = {
      zone: { type: 'string' },
      before: { type: 'string' },
      apply: { type: 'boolean', default: false },
    } as const;
    const { values } = readArguments(args, { options });
    const { zone: name, apply } = values;
    if (name === undefined) throw new UsageError('--zone: expected the name of a time zone, such as America/New_York');
    const before = readOption('before', values.before, timeOf);
    const { withTools } = await import('../app/tools.ts');
    const { findZone, repairDates } = await import('../manage/repair-dates.ts');
    return withTools(loadConfig(), async ({ database, clock, ids }) => {
      const zone = await findZone(database, name);
      if (zone === undefined) {
        const expected = '--zone: expected a time zone that PostgreSQL knows, such as America/New_York';
        throw new CommandError(`${expected}, got ${JSON.stringify(name)}`);
      }
      const onProgress = (table: string, count: number) => say(`${table}: ${count} rows corrected`);
      const { columns, undecidable } = await repairDates({
        database,
        clock,
        ids,
        zone,
        before,
        apply,
        onProgress,
        ...asCommand('repair-dates'),
      });
      for (const [column, { rows, right, wrong, undecidable: open }] of Object.entries(columns)) {
        say(`${column}: ${rows} looked at, ${right} right, ${wrong} wrong, ${open} undecidable`);
      }
      if (!apply) say('Nothing was written; --apply writes.');
      return {
        result: { zone, applied: apply, columns, undecidable, notTouched: await untouched() },
        failures: undecidable.map(({ place, reason }) => `${place}: left as it is: ${reason}`),
      };
    });
  },
};

async function untouched(): Promise<Record<string, string[]>> {
  const { WRITTEN_BY_PRISMA, WRITTEN_BY_SQL } = await import('../manage/date-columns.ts');
  const names = (dates: Readonly<Record<string, readonly string[]>>) =>
    Object.entries(dates).flatMap(([table, columns]) => columns.map((column) => `${table}.${column}`));
  return {
    'right in every zone': names(WRITTEN_BY_SQL),
    'not decidable, and read by nobody': names(WRITTEN_BY_PRISMA),
  };
}

function timeOf(text: string): Date {
  const time = parseTime(text);
  if (time) return time;
  throw new Error(`expected a time such as 2026-11-21T00:00:00Z, got ${JSON.stringify(text)}`);
}
