/**
 * `npm run test:package`: the tarballs as somebody has them who has nothing else, installed from the registry into empty
 * folders. It measures what an installation takes, runs the demo and the service from it, on the pinned Node and on the oldest
 * that the package takes, and compares what came with what the package says it brings.
 */
import { existsSync } from 'node:fs';
import { glob, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { npm, packPackage } from '../support/packages/pack.ts';
import { packService } from '../support/packages/pack-service.ts';
import { linkedPaths } from '../support/packages/packed-documents.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { runProcess, startProcess } from '../support/processes/start.ts';
import { listenOnce } from './listening.ts';

const MOST_MB = { 'without the embedded PostgreSQL': 150, 'with it': 250 };
const OLDEST_NODE = '22.19.0';
const PROOF = 'Both deliveries arrived, and the receiver verified both signatures of each (Ed25519 and HMAC).';

let failures = 0;
function tell(what: string, found: string, isRight: boolean): void {
  if (!isRight) failures++;
  console.log(`${isRight ? 'ok    ' : 'FAILED'}  ${what.padEnd(46)}  ${found}`);
}

await using folder = await createFolder('hookcast-package-');
const tarball = await packService(join(folder.path, 'tarballs'), (line) => console.log(`note    ${line}`));
tell('tarball', `${megabytes((await stat(tarball)).size)} MB`, true);

const lean = await install('lean', ['--omit=optional', tarball]);
await measure(lean, 'without the embedded PostgreSQL');
const full = await install('full', [tarball]);
await measure(full, 'with it');
await compareWithSbom(full);
await followLinks(full);

const own = join(import.meta.dirname, '../../node_modules/node/bin');
await showDemo(`npx hookcast demo --once, Node ${process.version}`, own);
await stopInOrder();
const oldest = await install('node', [`node@${OLDEST_NODE}`]);
await showDemo(`npx hookcast demo --once, Node v${OLDEST_NODE}`, join(oldest, 'node_modules/node/bin'));
await showListening(`hookcast listen, Node v${OLDEST_NODE}`, join(oldest, 'node_modules/node/bin'));

for (const name of ['verify', 'client'] as const) {
  const at = await install(name, [await packPackage(name, join(folder.path, 'tarballs'))]);
  const script = `import('@hookcast/${name}').then((exports) => console.log(Object.keys(exports).length))`;
  const { stdout } = await runProcess(process.execPath, ['-e', script], { cwd: at });
  tell(`@hookcast/${name}`, `${stdout.trim()} exports`, Number(stdout) > 0);
}
process.exitCode = failures === 0 ? 0 : 1;

/** Into an empty folder. Returns the folder. */
async function install(name: string, args: readonly string[]): Promise<string> {
  const at = join(folder.path, name);
  await mkdir(at);
  await npm(at, ['init', '--yes']);
  await npm(at, ['install', ...args]);
  return at;
}

async function measure(at: string, what: keyof typeof MOST_MB): Promise<void> {
  const modules = join(at, 'node_modules');
  const files = await readdir(modules, { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((each) => each.isFile())
    .map(async (each) => (await stat(join(each.parentPath, each.name))).size);
  const size = megabytes((await Promise.all(sizes)).reduce((sum, one) => sum + one, 0));
  tell(`installed ${what}`, `${size} MB of ${MOST_MB[what]}`, size <= MOST_MB[what]);
}

/** What npm put there is what the package says that it brings, and no more; of platforms, one. */
async function compareWithSbom(at: string): Promise<void> {
  const [lock, sbom] = await Promise.all([
    readFile(join(at, 'node_modules/.package-lock.json'), 'utf8'),
    readFile(join(at, 'node_modules/hookcast/sbom.cdx.json'), 'utf8'),
  ]);
  const installed = Object.keys((JSON.parse(lock) as { packages: object }).packages).map(nameOf);
  const listed = new Set((JSON.parse(sbom) as { components: { name: string }[] }).components.map(({ name }) => name));
  const missing = installed.filter((name) => name !== 'hookcast' && !listed.has(name));
  tell(
    'the SBOM has every package that came',
    missing.join(', ') || `${installed.length} packages`,
    missing.length === 0,
  );
}

/** Links to headings are those of the repository, where test/documents/links.test.ts follows them. */
async function followLinks(at: string): Promise<void> {
  const root = join(at, 'node_modules/hookcast');
  const documents = await Array.fromAsync(glob(['README.md', 'src/**/*.md'], { cwd: root }));
  const texts = await Promise.all(documents.map((document) => readFile(join(root, document), 'utf8')));
  const links = new Set(texts.flatMap((text, index) => linkedPaths(text, documents[index]!)));
  const dead = [...links].filter((path) => !existsSync(join(root, path)));
  const found = `${documents.length} documents, ${links.size} files`;
  tell('every link of a document leads to a file', dead.join(', ') || found, dead.length === 0 && links.size > 50);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

async function showDemo(what: string, bin: string): Promise<void> {
  const env = { HOME: process.env['HOME'], PATH: `${bin}:${process.env['PATH']}`, TMPDIR: folder.path };
  const end = await runProcess('npx', ['hookcast', 'demo', '--once'], { cwd: full, env }).catch(
    (error: Error & { stdout: string }) => ({ stdout: `${error.stdout}\n${error.message}` }),
  );
  const last = end.stdout.trimEnd().split('\n').at(-1)!;
  tell(what, last, last === PROOF);
}

async function showListening(what: string, bin: string): Promise<void> {
  const env = {
    PATH: `${bin}:${process.env['PATH']}`,
    DATA_DIR: join(folder.path, 'listen'),
    HOOKCAST_HOME: folder.path,
  };
  const found = await listenOnce(join(full, 'node_modules/.bin/hookcast'), env).catch(String);
  tell(what, found, found === 'answered 200, exit 0 and 0');
}

/** The service of the package, told to stop. */
async function stopInOrder(): Promise<void> {
  const env = { PATH: `${own}:${process.env['PATH']}`, DATA_DIR: join(folder.path, 'data'), PORT: '0' };
  const service = startProcess(join(full, 'node_modules/.bin/hookcast'), ['serve'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const names: string[] = [];
  createInterface(service.stdout!).on('line', (line) => {
    names.push((JSON.parse(line) as { msg: string }).msg);
    if (names.at(-1) === 'service.started') service.kill('SIGTERM');
  });
  const [exitCode] = await once(service, 'close');
  tell(
    'hookcast serve stops on SIGTERM',
    `exit ${exitCode}, ${names.at(-1)}`,
    exitCode === 0 && names.at(-1) === 'service.stopped',
  );
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e5) / 10;
}
