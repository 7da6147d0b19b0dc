/** EXPLAIN of a statement as the product runs it: prepared, with its values, and really run. */
import type pg from 'pg';

/** How a statement was run, by the planner's two ways of planning a prepared one. */
export type Plan = {
  /** Its name, or how it begins. */
  readonly statement: string;
  readonly planned: 'for its values' | 'for any values';
  /** How each table was read: "deliveries by deliveries_pkey", "settings by Seq Scan". */
  readonly reads: ReadonlySet<string>;
  readonly milliseconds: number;
  /** Pages of 8 KB that it touched. */
  readonly pages: number;
  /** Rows that it looked at in one table, whichever had most. */
  readonly rows: number;
};

type PlanNode = {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
};

type Explained = {
  readonly Plan: PlanNode & { readonly 'Shared Hit Blocks': number; readonly 'Shared Read Blocks': number };
  readonly 'Execution Time': number;
};

let prepared = 0;

/** Runs it both ways in an open transaction. What it did is undone, except for the last run where `isKept`. */
export async function explain(
  client: pg.ClientBase,
  { name, text, values }: { readonly name?: string | undefined; readonly text: string; readonly values: unknown[] },
  isKept: boolean,
): Promise<Plan[]> {
  const statement = name || text.trim().replaceAll(/\s+/g, ' ').slice(0, 60);
  const explainable = `explain_${++prepared}`;
  await client.query(`prepare ${explainable} as ${text}`);
  const run = async (planned: Plan['planned'], mode: string, isLast: boolean): Promise<Plan> => {
    await client.query(`savepoint before_explain; set local plan_cache_mode = ${mode}`);
    const call = values.length === 0 ? explainable : `${explainable}(${values.map(literal).join(', ')})`;
    const { rows } = await client.query(`explain (analyze, buffers, format json) execute ${call}`);
    if (isLast && isKept) await client.query('release savepoint before_explain; set local plan_cache_mode = auto');
    else await client.query('rollback to savepoint before_explain');
    const [{ Plan: root, 'Execution Time': milliseconds }] = rows[0]['QUERY PLAN'] as [Explained];
    const pages = root['Shared Hit Blocks'] + root['Shared Read Blocks'];
    return { statement, planned, reads: new Set(readsOf(root)), milliseconds, pages, rows: mostRowsOf(root) };
  };
  try {
    await run('for its values', 'force_custom_plan', false); // On a new connection it reads the catalogue: up to 70 pages.
    const forAny = name ? [await run('for any values', 'force_generic_plan', false)] : [];
    return [...forAny, await run('for its values', 'force_custom_plan', true)];
  } finally {
    await client.query(`deallocate ${explainable}`);
  }
}

/** Under a bitmap scan the index is named by a node of its own, below the one that names the table. */
function readsOf(node: PlanNode, table?: string): string[] {
  const relation = node['Relation Name'] ?? table;
  const below = (node.Plans ?? []).flatMap((plan) => readsOf(plan, relation));
  if (node['Index Name']) return [`${relation} by ${node['Index Name']}`, ...below];
  const isScan = node['Node Type'].endsWith('Scan') && node['Relation Name'] !== undefined;
  return isScan && node['Node Type'] !== 'Bitmap Heap Scan' ? [`${relation} by ${node['Node Type']}`, ...below] : below;
}

function mostRowsOf(node: PlanNode): number {
  const own = node['Relation Name'] !== undefined && node['Node Type'].endsWith('Scan') ? rowsOf(node) : 0;
  return Math.max(own, ...(node.Plans ?? []).map(mostRowsOf));
}

const rowsOf = (node: PlanNode): number =>
  (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];

/** A value as the text that the driver sends, quoted; its type is the parameter's. */
function literal(value: unknown): string {
  return value === null || value === undefined ? 'null' : `'${toText(value).replaceAll("'", "''")}'`;
}

function toText(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map(toElement).join(',')}}`;
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  return String(value);
}

const toElement = (value: unknown): string =>
  value === null || value === undefined ? 'null' : `"${toText(value).replaceAll(/["\\]/g, '\\$&')}"`;
