/**
 * npm run bench [-- --pg <folder>] [--peer <command>] [--long | --grow] [--only <part of a name>] [--quick] [--json <file>] [--profile <folder>]
 *
 * Prints a table of what the product promises, each line beside a reference measured in the same run, and writes the
 * same as JSON.
 *
 * `--pg` runs it on the PostgreSQL whose programs are in the folder (e.g. /usr/lib/postgresql/15/bin), with the defaults of its
 * version, and adds the deliveries beside those of the embedded server. `--long` runs the lines that take more than 20 s,
 * instead of the others: 5 million old deliveries, memory over a million, 5,000 subscribers. `--grow` runs the lines that
 * src/app/GROWING.md quotes. `--only` runs a line of any kind. `--peer` adds deliveries beside those of another sender, which the
 * command starts (peers/adapter.ts). `--profile` adds a CPU profile of every service process.
 *
 * NODE_OPTIONS holds for the service processes too: `NODE_OPTIONS="--import /path/trace.ts" npm run bench -- --only "20 targets"` is
 * the bench with an SDK of OpenTelemetry.
 */
import { writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startCluster, type Cluster } from './cluster.ts';
import type { Line, Row } from './line.ts';
import { LINES } from './lines/all.ts';
import { startService } from './service.ts';
import { createStage, type Stage } from './stage.ts';
import { printTable } from './table.ts';

const { values: options } = parseArgs({
  options: {
    pg: { type: 'string' },
    peer: { type: 'string' },
    long: { type: 'boolean', default: false },
    grow: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    json: { type: 'string', default: join(tmpdir(), 'bench-result.json') },
    quick: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});

const say = (text: string) => process.stderr.write(`${text}\n`);
const { only, pg } = options;
const possible = LINES.filter(({ isForPg }) => !isForPg || pg !== undefined);
const kindOf = ({ isForGrowth, isLong }: Pick<Line, 'isForGrowth' | 'isLong'>) =>
  isForGrowth ? 'grow' : isLong ? 'long' : 'usual';
const wanted = kindOf({ isForGrowth: options.grow, isLong: options.long });
const chosen = possible.filter((line) =>
  only ? only.some((part) => line.name.includes(part)) : kindOf(line) === wanted,
);
if (chosen.length === 0) {
  say(
    `No line has a name with ${only?.join(' or ')}. There are:\n${possible.map(({ name }) => `  ${name}`).join('\n')}`,
  );
  process.exit(1);
}

async function runLine(cluster: Cluster, embedded: Cluster, line: Line): Promise<Row[]> {
  const startedAt = performance.now();
  const { budget } = line;
  const stages: Stage[] = [];
  const open = async (on: Cluster): Promise<Stage> => {
    const stage = await createStage({ cluster: on, profileDirectory: options.profile });
    stages.push(stage);
    return stage;
  };
  let rows: Row[];
  try {
    try {
      rows = await line.run(await open(cluster), {
        isQuick: options.quick,
        say: (text) => say(`    ${text}`),
        embedded: () => open(embedded),
        peer: options.peer,
      });
    } finally {
      await Promise.all(stages.map((stage) => stage.close()));
    }
  } catch (error) {
    const note = `Failed: ${(error as Error).stack}`;
    rows = [{ line: line.name, measured: NaN, unit: '', budget, isMet: false, note }];
  }
  say(`${line.name}: ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  return rows;
}

/** A cluster with the database that all others are copies of. */
async function prepareCluster(binaries?: string): Promise<Cluster> {
  const cluster = await startCluster(binaries);
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
  return cluster;
}

const startedAt = new Date();
const cluster = await prepareCluster(pg);
const embedded = chosen.some(({ isForPg }) => isForPg) ? await prepareCluster() : cluster;
const servers = [...new Set([cluster, embedded])];
const postgres = cluster.description;
say(postgres);
const rows: Row[] = [];
for (const line of chosen) rows.push(...(await runLine(cluster, embedded, line)));
await Promise.all(servers.map((server) => server.close()));
const seconds = Math.round((Date.now() - startedAt.getTime()) / 1_000);
printTable(rows);
const machine = { processors: cpus().length, model: cpus()[0]?.model, memoryGb: Math.round(totalmem() / 2 ** 30) };
const result = { startedAt, seconds, quick: options.quick, postgres, node: process.version, machine, rows };
await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
console.log(`\n${seconds} s on ${machine.processors} processors, ${postgres}. Written to ${options.json}`);
process.exit(rows.some(({ isMet }) => isMet === false) ? 1 : 0);
