/** Questions to the person at the terminal. They go to standard error: standard output is for results. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';

/** Shows nothing of what is typed. */
const hidden = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

async function question(text: string, output: NodeJS.WritableStream): Promise<string> {
  process.stderr.write(text);
  using lines = createInterface({ input: process.stdin, output, terminal: true });
  lines.on('SIGINT', () => process.exit(130));
  return (await lines.question('')).trim();
}

/** A secret that is typed without being shown, or that another program writes to standard input. */
export async function readSecret(text: string): Promise<string> {
  if (!process.stdin.isTTY) return (await textOf(process.stdin)).trim();
  const secret = await question(text, hidden());
  process.stderr.write('\n');
  return secret;
}

/** Whether the person says yes; undefined without a terminal, where nobody can be asked. */
export async function confirm(text: string): Promise<boolean | undefined> {
  if (!process.stdin.isTTY) return undefined;
  return /^y(es)?$/i.test(await question(`${text} [y/N] `, process.stderr));
}
