/**
 * npm run bench [-- --only <part of a name>] [--quick] [--json <file>] [--profile <folder>]
 *
 * Prints a table of what DESIGN section 8 promises, each line beside a reference measured in the same run, and writes the
 * same as JSON. `--profile` adds a CPU profile of every service process.
 */
import { writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startCluster, type Cluster } from './cluster.ts';
import type { Line, Row } from './line.ts';
import { LINES } from './lines/all.ts';
import { startService } from './service.ts';
import { createStage } from './stage.ts';
import { printTable } from './table.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    json: { type: 'string', default: join(tmpdir(), 'bench-result.json') },
    quick: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});

const say = (text: string) => process.stderr.write(`${text}\n`);
const { only } = options;
const chosen = LINES.filter(({ name }) => !only || only.some((part) => name.includes(part)));
if (chosen.length === 0) {
  say(`No line has a name with ${only?.join(' or ')}. There are:\n${LINES.map(({ name }) => `  ${name}`).join('\n')}`);
  process.exit(1);
}

async function runLine(cluster: Cluster, line: Line): Promise<Row[]> {
  const startedAt = performance.now();
  const { budget } = line;
  let rows: Row[];
  try {
    const stage = await createStage({ cluster, profileDirectory: options.profile });
    try {
      rows = await line.run(stage, { isQuick: options.quick, say: (text) => say(`    ${text}`) });
    } finally {
      await stage.close();
    }
  } catch (error) {
    const note = `Failed: ${(error as Error).stack}`;
    rows = [{ line: line.name, measured: NaN, unit: '', budget, isMet: false, note }];
  }
  say(`${line.name}: ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  return rows;
}

/** Sets up the database that all others are copies of. */
async function prepare(cluster: Cluster): Promise<void> {
  const { templateUrl: databaseUrl, directory } = cluster;
  const logFile = join(directory, 'template.log');
  const service = await startService({
    name: 'template',
    databaseUrl,
    logFile,
    environment: {},
    profileDirectory: undefined,
  });
  await service.end(10_000);
}

const startedAt = new Date();
const cluster = await startCluster();
const rows: Row[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void cluster.close().finally(() => process.exit(1)));
}
try {
  await prepare(cluster);
  for (const line of chosen) rows.push(...(await runLine(cluster, line)));
} finally {
  await cluster.close();
}
const seconds = Math.round((Date.now() - startedAt.getTime()) / 1_000);
printTable(rows);
const machine = { processors: cpus().length, model: cpus()[0]?.model, memoryGb: Math.round(totalmem() / 2 ** 30) };
const result = { startedAt, seconds, quick: options.quick, node: process.version, machine, rows };
await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
console.log(`\n${seconds} s on ${machine.processors} processors. Written to ${options.json}`);
process.exit(rows.some(({ isMet }) => isMet === false) ? 1 : 0);
