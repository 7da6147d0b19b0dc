/** The receivers of the pages in src/verify/receivers: what each needs, and how its reader starts it. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFolder, type Folder } from '../processes/reaper.ts';
import { runProcess } from '../processes/start.ts';

const EXAMPLES = new URL('../examples/languages/', import.meta.url).pathname;

type Command = readonly [string, ...string[]];

export type Language = {
  readonly name: string;
  /** The file with the receiver comes first. */
  readonly files: readonly string[];
  /** Commands that succeed where the receiver can run, each with what is missing where it fails. */
  readonly needs: readonly (readonly [missing: string, program: string, ...args: string[]])[];
  /** Compiles it, in its folder. */
  readonly build?: Command;
  readonly run: (port: number) => Command;
  /** What it says when it listens, where that is not "Listening on <port>". */
  readonly ready?: string;
};

/** What one run compiled of Go's library, the next one finds. */
const GOCACHE = new URL('../../../node_modules/.cache/go', import.meta.url).pathname;

const NO_CRATES = 'the crates of its Cargo.toml are not in the cache of cargo: run `cargo fetch` on it once';

export const LANGUAGES: readonly Language[] = [
  { name: 'Node', files: ['receive.mjs'], needs: [], run: () => [process.execPath, 'receive.mjs'] },
  {
    name: 'Python',
    files: ['receive.py'],
    needs: [
      ['python3 3.9 or newer is not installed', 'python3', '-c', 'import sys; sys.exit(sys.version_info < (3, 9))'],
      ['the package cryptography of Python is not installed', 'python3', '-c', 'import cryptography'],
    ],
    run: () => ['python3', '-B', 'receive.py'],
  },
  {
    name: 'Go',
    files: ['receive.go'],
    needs: [['go is not installed', 'go', 'version']],
    build: ['go', 'build', 'receive.go'],
    run: () => ['./receive'],
  },
  {
    name: 'Java',
    files: ['Receive.java'],
    needs: [['a JDK is not installed', 'javac', '--version']],
    build: ['javac', 'Receive.java'],
    run: () => ['java', '-cp', '.', 'Receive'],
  },
  {
    name: 'Rust',
    files: ['receive.rs', 'Cargo.toml'],
    needs: [
      ['cargo is not installed', 'cargo', '--version'],
      [NO_CRATES, 'cargo', 'fetch', '--offline'],
    ],
    build: ['cargo', 'build', '--offline'],
    run: () => ['target/debug/receive'],
  },
  {
    name: 'PHP',
    files: ['receive.php'],
    needs: [
      ['php is not installed', 'php', '--version'],
      ['the extension sodium of PHP is not installed', 'php', '-r', 'exit(extension_loaded("sodium") ? 0 : 1);'],
    ],
    run: (port) => ['php', '-S', `127.0.0.1:${port}`, 'receive.php'],
    ready: 'Development Server',
  },
  {
    name: 'Ruby',
    files: ['receive.rb'],
    needs: [
      ['ruby is not installed', 'ruby', '--version'],
      ['the gem webrick of Ruby is not installed', 'ruby', '-e', 'require "webrick"'],
    ],
    run: () => ['ruby', 'receive.rb'],
  },
];

/** A receiver in a folder of its own; `missing` says why it cannot run on this machine. */
export type Prepared = { readonly folder: Folder; readonly missing: string | null };

/** Copies the receiver into a folder and compiles it, where its toolchain is here. */
export async function prepare(language: Language): Promise<Prepared> {
  const folder = await createFolder('hookcast-language-');
  await Promise.all(language.files.map((file) => copyFile(join(EXAMPLES, file), join(folder.path, file))));
  const missing = await whatIsMissing(language, folder.path);
  if (missing === null && language.build) await run(language.build, folder.path);
  return { folder, missing };
}

async function whatIsMissing({ needs }: Language, directory: string): Promise<string | null> {
  for (const [missing, ...command] of needs) {
    const isThere = await run(command, directory).then(
      () => true,
      () => false,
    );
    if (!isThere) return missing;
  }
  return null;
}

const run = ([program, ...args]: Command, cwd: string) =>
  runProcess(program, args, { cwd, env: { ...process.env, GOCACHE } });
