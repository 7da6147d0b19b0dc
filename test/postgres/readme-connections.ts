/** What the README says about the number of connections. */
import { readFile } from 'node:fs/promises';

/** `ofProcess`: at most, with default settings. `inDefault`: processes that fit into PostgreSQL's default of 100. */
export async function readmeConnections(): Promise<{ readonly ofProcess: number; readonly inDefault: number }> {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const row = readme.split('\n').find((line) => line.startsWith('| connections |')) ?? '';
  const [, ofProcess, inDefault] = /(\d+) for each process.*?(\d+) processes fit/.exec(row) ?? [];
  if (ofProcess === undefined || inDefault === undefined) {
    throw new Error(`Expected "… N for each process … M processes fit" in the README's row, found ${row}`);
  }
  return { ofProcess: Number(ofProcess), inDefault: Number(inDefault) };
}
