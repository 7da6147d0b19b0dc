/** The house: who may import whom, who may read the clock, how long a file may be. */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = new URL('..', import.meta.url).pathname;
const MAX_LINES = 300;

/** What a room may import of ours: rooms (folders) and single files. A room may always import itself. */
const MAY_IMPORT: Record<string, string[]> = {
  'main.ts': ['app.ts', 'app', 'config.ts'],
  'cli.ts': ['cli', 'app'],
  cli: ['main.ts', 'demo.ts', 'app', 'manage', 'domain', 'config.ts', 'errors.ts'],
  'demo.ts': ['app.ts', 'config.ts', 'clock.ts', 'verify'],
  'app.ts': ['*'],
  app: ['*'],
  server: ['schema', 'access', 'domain', 'config.ts', 'clock.ts', 'errors.ts'],
  schema: [
    ...[
      'manage',
      'access',
      'pipeline/publish/publish.ts',
      'live/feed.ts',
      'database/statement.ts',
      'database/read/reading.ts',
      'database/read/readings.ts',
      'prisma',
    ],
    ...['database/effect.ts', 'database/idempotency.ts'],
    ...['domain', 'config.ts', 'clock.ts', 'errors.ts'],
  ],
  access: ['database', 'live', 'domain', 'config.ts', 'clock.ts', 'errors.ts'],
  manage: ['database', 'live', 'domain', 'config.ts', 'clock.ts', 'errors.ts'],
  pipeline: ['database', 'live', 'domain', 'config.ts', 'clock.ts', 'errors.ts'],
  live: ['database', 'domain', 'config.ts', 'clock.ts', 'errors.ts'],
  database: ['domain', 'config.ts', 'clock.ts', 'errors.ts', 'prisma'],
  domain: ['errors.ts'],
  'config.ts': ['domain'],
  'clock.ts': [],
  'errors.ts': [],
  verify: [],
};

/** The rooms of the pipeline, and which of the others each may import. What all of them share lies beside them. */
const PIPELINE_ROOMS: Record<string, string[]> = {
  publish: [],
  deliver: [],
  dispatch: ['deliver'],
  upkeep: ['dispatch', 'deliver'],
};
const MAX_FILES = 25;

type Import = { readonly path: string; readonly isType: boolean };
type Source = { readonly path: string; readonly text: string; readonly imports: readonly Import[] };

async function readSources(): Promise<Source[]> {
  const entries = await readdir(join(ROOT, 'src'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts'));
  return Promise.all(
    files.map(async (entry) => {
      const file = join(entry.parentPath, entry.name);
      const text = await readFile(file, 'utf8');
      return { path: relative(join(ROOT, 'src'), file), text, imports: importsOf(file, text) };
    }),
  );
}

/** Relative imports, as paths under src/ (or prisma/…). */
function importsOf(file: string, text: string): Import[] {
  const statements = text.matchAll(
    /^\s*(?:import|export)\s+(type\s)?[^;]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)|^import '(\.[^']+)'/gm,
  );
  return [...statements].map(([, isType, from, dynamic, effect]) => {
    const target = relative(ROOT, normalize(join(dirname(file), (from ?? dynamic ?? effect)!)));
    return { path: target.replace(/^src\//, ''), isType: isType !== undefined };
  });
}

const roomOf = (path: string): string => path.split('/')[0]!;

const covers = (allowed: string, path: string): boolean =>
  allowed === '*' || allowed === path || path.startsWith(`${allowed}/`);

test('every folder imports only what its layer may', async () => {
  const sources = await readSources();
  const breaches = sources.flatMap(({ path, imports }) =>
    imports
      .filter((target) => {
        const room = roomOf(path);
        const allowed = [room, ...(MAY_IMPORT[room] ?? [])];
        // The server may name the types of layer 1, not call it.
        if (room === 'server' && target.isType) allowed.push('database', 'live');
        return !allowed.some((one) => covers(one, target.path));
      })
      .map((target) => `${path} imports ${target.path}`),
  );
  expect(breaches).toEqual([]);
});

test('every room of src is in the layer table', async () => {
  const rooms = new Set((await readSources()).map(({ path }) => roomOf(path)));
  expect([...rooms].filter((room) => !(room in MAY_IMPORT))).toEqual([]);
});

test('each room of the pipeline imports only the ones before it', async () => {
  const roomOfPipeline = (path: string) => /^pipeline\/(\w+)\//.exec(path)?.[1];
  const breaches = (await readSources()).flatMap(({ path, imports }) => {
    const room = roomOfPipeline(path);
    const isAllowed = (target: string | undefined) =>
      target === undefined || target === room || (room !== undefined && PIPELINE_ROOMS[room]!.includes(target));
    return imports
      .filter((target) => path.startsWith('pipeline/') && !isAllowed(roomOfPipeline(target.path)))
      .map((target) => `${path} imports ${target.path}`);
  });
  expect(breaches).toEqual([]);
});

test('no module depends on itself through others, not even by types', async () => {
  const sources = new Map((await readSources()).map((source) => [source.path, source]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    if (done.has(path) || trail.includes(path)) return;
    for (const target of sources.get(path)?.imports ?? []) visit(target.path, [...trail, path]);
    done.add(path);
  };
  for (const path of sources.keys()) visit(path, []);
  expect(cycles).toEqual([]);
});

test('nobody but clock.ts reads the clock or randomness (verify/ runs at receivers and takes `now` as an option)', async () => {
  const time = /\bDate\.now\b|new Date\(\)|\bperformance\.now\b|\bhrtime\b|from 'node:perf_hooks'/;
  const randomness =
    /\bMath\.random\b|\bcrypto\.(random|getRandom)|import \{[^}]*\brandom\w*[^}]*\} from 'node:crypto'/;
  const readers = (await readSources())
    .filter(({ path }) => path !== 'clock.ts' && roomOf(path) !== 'verify')
    .filter(({ text }) => time.test(text) || randomness.test(text));
  expect(readers.map(({ path }) => path)).toEqual([]);
});

test('nobody but config.ts reads the environment', async () => {
  const readers = (await readSources()).filter(
    ({ path, text }) => path !== 'config.ts' && text.includes('process.env'),
  );
  expect(readers.map(({ path }) => path)).toEqual([]);
});

test('what targets are sent goes through the one connector', async () => {
  const opens = /^import (?!type ).* from '(node:(net|tls|https?|http2|dgram)|undici)';$|(?<![.\w])fetch\(/m;
  const openers = (await readSources())
    .filter(({ path }) => ['pipeline', 'manage', 'schema', 'access', 'domain'].includes(roomOf(path)))
    .filter(({ text }) => opens.test(text.replace(/^import \{ isIP.*$/gm, '')))
    .map(({ path }) => path);
  expect(openers.sort()).toEqual([
    'pipeline/deliver/http/connect.ts',
    'pipeline/deliver/http/connection.ts', // HTTP over the sockets of connect.ts.
    'pipeline/deliver/http/secure.ts', // TLS over them.
    'pipeline/deliver/http/send-failure.ts', // The errors of that HTTP client.
  ]);
});

test('no folder has more than 25 files', async () => {
  const folders = Map.groupBy(await readSources(), ({ path }) => dirname(path));
  const counts = [...folders].map(([folder, files]) => [folder, files.length] as const);
  expect(counts.filter(([, count]) => count > MAX_FILES)).toEqual([]);
});

test('no file is over 300 lines', async () => {
  const lengths = (await readSources()).map(({ path, text }) => [path, text.split('\n').length - 1] as const);
  expect(lengths.filter(([, lines]) => lines > MAX_LINES)).toEqual([]);
});

test('exports are named, and schema/index.ts is the only barrel', async () => {
  const sources = await readSources();
  expect(sources.filter(({ text }) => /^export default/m.test(text)).map(({ path }) => path)).toEqual([]);
  const barrels = sources.filter(({ path }) => path.endsWith('/index.ts')).map(({ path }) => path);
  expect(barrels.filter((path) => !['schema/index.ts', 'verify/index.ts'].includes(path))).toEqual([]);
});
