/** An example of the guide for receivers, run as a reader would run it: a process of its own, with the installed package. */
import { readFile, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import type { Installed, NodeBinary } from '../packages/install.ts';
import { type ReceiverProcess, startReceiverProcess } from './receiver-process.ts';

type Options = {
  readonly framework: string;
  readonly installed: Installed;
  readonly node: NodeBinary;
  readonly port: number;
  /** Its settings. */
  readonly environment: Readonly<Record<string, string>>;
};

export async function startExampleReceiver(options: Options): Promise<ReceiverProcess> {
  const { framework, installed, node, port, environment } = options;
  const code = await readFile(new URL(`../examples/receive-${framework}.ts`, import.meta.url), 'utf8');
  // An older Node runs no TypeScript: its user leaves out the types.
  const isOwn = node.path === process.execPath;
  const file = join(installed.directory, `receive-${framework}.${isOwn ? 'ts' : 'js'}`);
  await writeFile(file, isOwn ? code : stripTypeScriptTypes(code));
  const command = [node.path, file] as const;
  return startReceiverProcess({
    command,
    directory: installed.directory,
    port,
    environment,
    ready: `Listening on ${port}`,
  });
}
