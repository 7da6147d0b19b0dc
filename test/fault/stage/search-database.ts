/** Searches a whole database for a text: every table as text, every sealed column opened, and PostgreSQL's own samples. */
import { SEALED_COLUMNS } from '../../../src/manage/reseal.ts';
import { createSeal } from '../../../src/domain/seal/seal.ts';
import { masterKeyBytes } from '../../support/master-key.ts';
import type { ErasureStage } from './erasure-stage.ts';

/** How many rows hold the text, by their place. Places without any are left out. */
export async function searchDatabase(
  { rows }: Pick<ErasureStage, 'rows'>,
  text: string,
): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  const note = (place: string, count: number) => {
    if (count > 0) found[place] = count;
  };
  for (const { name } of await rows<{ name: string }>(TABLES)) {
    const [{ count }] = (await rows<{ count: number }>(
      `select count(*)::int as count from ${name} r where strpos(r::text, $1) > 0`,
      [text],
    )) as [{ count: number }];
    note(name, count);
  }
  const seal = createSeal(masterKeyBytes('tests'), () => new Uint8Array());
  for (const { table, column, context } of SEALED_COLUMNS) {
    const sealed = await rows<{ value: Buffer; context: string }>(
      `select ${column} as value, ${context} as context from ${table} where ${column} is not null`,
    );
    const opened = sealed.map((row) => seal.open(row.value, row.context).toString());
    note(`${table}.${column}, opened`, opened.filter((plain) => plain.includes(text)).length);
  }
  return found;
}

const TABLES = `
  select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'pgboss')
  union all select 'pg_stats' order by 1`;
