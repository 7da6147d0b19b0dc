/**
 * The house: who may import whom, who may read the clock, how long a file may be, where the test of a file lies. With ROOMS
 * set in the environment it prints the table of rooms.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { rulesIn } from './support/house/layer-table.ts';
import { printRooms, roomsOf } from './support/house/room-table.ts';
import { circlesOf, readSources as readFolder, type Source } from './support/house/sources.ts';

const ROOT = new URL('..', import.meta.url).pathname;
const MAX_LINES = 300;

/** What a room may import of ours: rooms (folders) and single files. A room may always import itself. */
const MAY_IMPORT: Record<string, string[]> = {
  'main.ts': ['serve.ts', 'app/memory.ts', 'app/stop-request.ts'],
  'serve.ts': ['app.ts', 'app', 'config.ts', 'clock.ts', 'log-event.ts'],
  'cli.ts': ['cli', 'app'],
  cli: ['main.ts', 'demo.ts', 'app', 'manage', 'client', 'domain', 'config.ts', 'clock.ts', 'errors.ts'],
  'demo.ts': ['app.ts', 'app', 'config.ts', 'clock.ts', 'verify'],
  'app.ts': ['*'],
  app: ['*'],
  server: [
    'console/pages.ts',
    'schema',
    'access',
    'domain',
    'fairness',
    'config.ts',
    'clock.ts',
    'errors.ts',
    'log-event.ts',
    'tracing.ts',
  ],
  schema: [
    'manage',
    'access',
    'pipeline/publish/publish.ts',
    'live/feed.ts',
    'database/statement.ts',
    'database/read/reading.ts',
    'database/read/readings.ts',
    'prisma',
    'database/effect.ts',
    'database/idempotency.ts',
    'domain',
    'fairness',
    'config.ts',
    'clock.ts',
    'errors.ts',
    'log-event.ts',
    'tracing.ts',
  ],
  access: [
    'database',
    'live',
    'domain',
    'fairness',
    'config.ts',
    'clock.ts',
    'errors.ts',
    'log-event.ts',
    'tracing.ts',
  ],
  manage: [
    'database',
    'live',
    'domain',
    'fairness',
    'config.ts',
    'clock.ts',
    'errors.ts',
    'log-event.ts',
    'tracing.ts',
  ],
  pipeline: [
    'database',
    'live',
    'domain',
    'fairness',
    'config.ts',
    'clock.ts',
    'errors.ts',
    'log-event.ts',
    'tracing.ts',
  ],
  live: ['database', 'domain', 'fairness', 'config.ts', 'clock.ts', 'errors.ts', 'log-event.ts', 'tracing.ts'],
  database: ['domain', 'fairness', 'config.ts', 'clock.ts', 'errors.ts', 'log-event.ts', 'tracing.ts', 'prisma'],
  fairness: ['domain', 'clock.ts'],
  domain: ['errors.ts'],
  'config.ts': ['domain'],
  'clock.ts': [],
  'errors.ts': [],
  'log-event.ts': ['domain'],
  'tracing.ts': [],
  verify: [],
  client: [],
  console: ['client', 'domain/api-keys/scope.ts'],
};

/** Layer 1: what the server may name the types of. */
const SERVER_TYPES = ['database', 'live'];

/** The rooms of the pipeline, and which of the others each may import. What all of them share lies beside them. */
const PIPELINE_ROOMS: Record<string, string[]> = {
  publish: [],
  deliver: [],
  dispatch: ['deliver'],
  upkeep: ['dispatch', 'deliver'],
  replay: ['publish'],
  erasure: [],
};
const MAX_FILES = 25;

/** The rooms of the server in the same way. */
const SERVER_ROOMS: Record<string, string[]> = {
  pages: [],
  intake: [],
  plugins: ['intake'],
  streams: ['plugins', 'intake'],
};

/** Rooms of src that others install, as packages of their own. */
const PACKAGES = ['verify', 'client'];

/** Rooms of src whose tests are about the whole room. */
const TESTED_AS_A_WHOLE = ['verify']; // A package: its tests see it as receivers do.

const inTest = (): Promise<Source[]> => readFolder(join(ROOT, 'test'));

async function readSources(): Promise<Source[]> {
  const fromSrc = (path: string) => path.replace(/^\.\.\//, ''); // prisma/… lies beside src.
  const sources = await readFolder(join(ROOT, 'src'));
  return sources.map((source) => ({
    ...source,
    imports: source.imports.map((one) => ({ ...one, path: fromSrc(one.path) })),
  }));
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
        if (room === 'server' && target.isType) allowed.push(...SERVER_TYPES);
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

test.each([
  ['pipeline', PIPELINE_ROOMS],
  ['server', SERVER_ROOMS],
])('each room of %s imports only the ones before it', async (house, rules) => {
  const roomWithin = (path: string) => new RegExp(`^${house}/([^/]+)/`).exec(path)?.[1];
  const sources = (await readSources()).filter(({ path }) => roomWithin(path) !== undefined);
  expect([...new Set(sources.map(({ path }) => roomWithin(path)))].sort()).toEqual(Object.keys(rules).sort());
  const breaches = sources.flatMap(({ path, imports }) => {
    const room = roomWithin(path)!;
    return imports
      .filter((target) => ![undefined, room, ...rules[room]!].includes(roomWithin(target.path)))
      .map((target) => `${path} imports ${target.path}`);
  });
  expect(breaches).toEqual([]);
});

test('what lies beside the rooms of the pipeline imports none of them', async () => {
  const beside = (await readSources()).filter(({ path }) => /^pipeline\/[^/]+$/.test(path));
  const imports = beside.flatMap(({ path, imports }) => imports.map((target) => `${path} imports ${target.path}`));
  expect(imports.filter((text) => / imports pipeline\/.*\//.test(text))).toEqual([]);
});

test('the documents state the same rules', async () => {
  const README = await readFile(join(ROOT, 'README.md'), 'utf8');
  const nameOf = (path: string) => path.replace(/\.ts$/, '');
  const sorted = (names: Iterable<string>) => [...new Set(names)].sort();
  const documented = [...rulesIn(README)].map(([room, { imports, types }]) => [room, sorted(imports), sorted(types)]);
  const held = Map.groupBy(Object.entries(MAY_IMPORT), ([path]) => nameOf(path));
  const rules = [...held].map(([room, entries]) => {
    const imports = entries.flatMap(([, paths]) => paths.map(nameOf)).filter((name) => name !== room);
    return [room, imports.includes('*') ? ['*'] : sorted(imports), room === 'server' ? SERVER_TYPES : []];
  });
  expect(documented.toSorted()).toEqual(rules.toSorted());

  const pipeline = await readFile(join(ROOT, 'src/pipeline/README.md'), 'utf8');
  const rooms = [...rulesIn(pipeline)].map(([room, { imports }]) => [room, sorted(imports)]);
  expect(rooms.toSorted()).toEqual(
    Object.entries(PIPELINE_ROOMS)
      .map(([room, names]) => [room, sorted(names)])
      .toSorted(),
  );
});

test('no module depends on itself through others, not even by types', async () => {
  expect(circlesOf(await readSources())).toEqual([]);
});

test('no two rooms import each other, and the table of rooms says so', async () => {
  const rooms = roomsOf(await readSources());
  if (process.env['ROOMS']) console.log(printRooms(rooms));
  expect(rooms.flatMap(({ arrowsBack }) => arrowsBack)).toEqual([]);
});

test('nobody but clock.ts reads the clock or randomness (verify/, client/ and console/ run elsewhere)', async () => {
  // An observer of collections tells no time.
  const time =
    /\bDate\.now\b|new Date\(\)|\bperformance\.now\b|\bhrtime\b|import (?!\{ constants, PerformanceObserver \})[^;]*from 'node:perf_hooks'/;
  const randomness =
    /\bMath\.random\b|\bcrypto\.(random|getRandom)|import \{[^}]*\brandom\w*[^}]*\} from 'node:crypto'/;
  const readers = (await readSources())
    .filter(({ path }) => path !== 'clock.ts' && ![...PACKAGES, 'console'].includes(roomOf(path)))
    .filter(({ text }) => time.test(text) || randomness.test(text));
  expect(readers.map(({ path }) => path)).toEqual([]);
});

test('nobody but config.ts reads the environment', async () => {
  const readers = (await readSources()).filter(
    ({ path, text }) => path !== 'config.ts' && text.includes('process.env'),
  );
  expect(readers.map(({ path }) => path)).toEqual([]);
});

test('local mode is resolved before anything is built: only the settings and the line of the start name the mode', async () => {
  const asks =
    /\b(config|settings|options)\.mode\b|\bmode [!=]==|\bmode: 'local'|\{[^{}]*\bmode\b[^{}]*\}: \w*(Config|Settings|Options)\b/;
  const readers = (await readSources()).filter(({ path, text }) => !path.startsWith('database/') && asks.test(text));
  expect(readers.map(({ path }) => path).sort()).toEqual(['app.ts', 'config.ts']);
});

test('pino writes the log, and only app/log.ts knows it', async () => {
  const users = (await readSources()).filter(({ text }) => /from 'pino'/.test(text));
  expect(users.map(({ path }) => path)).toEqual(['app/log.ts']);
});

test('what targets are sent goes through the one connector', async () => {
  const opens =
    /^import (?!type ).* from '(node:(net|tls|https?|http2|dgram)|(\.\/)?undici(\.ts)?)';$|require\('undici|(?<![.\w])fetch\(/m;
  const openers = (await readSources())
    .filter(({ path }) => ['pipeline', 'manage', 'schema', 'access', 'domain'].includes(roomOf(path)))
    .filter(({ text }) => opens.test(text.replace(/^import \{ isIP.*$/gm, '')))
    .map(({ path }) => path);
  expect(openers.sort()).toEqual([
    'pipeline/deliver/http/connect.ts',
    'pipeline/deliver/http/connection.ts', // HTTP over the sockets of connect.ts.
    'pipeline/deliver/http/secure.ts', // TLS over them.
    'pipeline/deliver/http/send-failure.ts', // The errors of that HTTP client.
    'pipeline/deliver/http/tunnels.ts', // To the egress proxy, for connect.ts.
    'pipeline/deliver/http/undici.ts', // That HTTP client.
  ]);
});

test('no folder has more than 25 files, neither of the product nor of the tests', async () => {
  for (const sources of [await readSources(), await inTest()]) {
    const folders = Map.groupBy(sources, ({ path }) => dirname(path));
    const counts = [...folders].map(([folder, files]) => [folder, files.length] as const);
    expect(counts.filter(([, count]) => count > MAX_FILES)).toEqual([]);
  }
});

test('a test in a folder of src has the name of the file that it tests, and of an aspect of it', async () => {
  const sources = new Set((await readSources()).map(({ path }) => path));
  const rooms = new Set([...sources].map(roomOf));
  const tests = (await inTest()).map(({ path }) => path).filter((path) => path.endsWith('.test.ts'));
  const mirrored = tests.filter((path) => rooms.has(roomOf(path)) && !TESTED_AS_A_WHOLE.includes(roomOf(path)));
  expect(mirrored.length).toBeGreaterThan(150);
  const fileOf = (path: string) => path.replace(/([^/.]+)(\.[^/.]+)?\.test\.ts$/, '$1.ts');
  expect(mirrored.filter((path) => !sources.has(fileOf(path)) && !sources.has(`${fileOf(path)}x`))).toEqual([]);
});

test('a room of more than ten files has a README that says in which order to read them', async () => {
  const rooms = roomsOf(await readSources()).filter(({ room, files }) => files > 10 && room !== 'app');
  const without = rooms.filter(({ room }) => !existsSync(join(ROOT, 'src', room, 'README.md')));
  expect(without.map(({ room }) => room)).toEqual([]); // The head of app.ts says it of app/.
});

test('the README of a room names only files that are there', async () => {
  const sources = await readSources();
  const rooms = roomsOf(sources)
    .map(({ room }) => room)
    .filter((room) => !['app', 'schema', ...PACKAGES].includes(room)); // Their READMEs are for those who use them.
  const missing = await Promise.all(
    rooms.map(async (room) => {
      const readme = await readFile(join(ROOT, 'src', room, 'README.md'), 'utf8').catch(() => '');
      const names = [...readme.matchAll(/`([\w./-]+\.ts)`/g)].map(([, name]) => name!);
      const isThere = (name: string) =>
        [join(dirname(room), name), name].some((path) => sources.some((one) => one.path === path)) ||
        existsSync(join(ROOT, name)) ||
        sources.some(({ path }) => path.startsWith(`${room}/`) && path.endsWith(`/${name}`));
      return names.filter((name) => !isThere(name)).map((name) => `src/${room}/README.md names ${name}`);
    }),
  );
  expect(missing.flat()).toEqual([]);
});

test('no file is over 300 lines', async () => {
  const lengths = (await readSources()).map(({ path, text }) => [path, text.split('\n').length - 1] as const);
  expect(lengths.filter(([, lines]) => lines > MAX_LINES)).toEqual([]);
});

test('exports are named, and only schema/ and the packages have a barrel', async () => {
  const sources = await readSources();
  const unnamed = sources.filter(({ text }) => /^export default/m.test(text)).map(({ path }) => path);
  expect(unnamed).toEqual(['console/vite.config.ts']); // As Vite asks for it.
  const barrels = sources.filter(({ path }) => path.endsWith('/index.ts')).map(({ path }) => path);
  expect(
    barrels.filter((path) => !['schema/index.ts', ...PACKAGES.map((room) => `${room}/index.ts`)].includes(path)),
  ).toEqual([]);
});

test('no two modules of a program export the same name', async () => {
  const declarations =
    /^export (?:declare )?(?:async )?(?:abstract )?(?:function\*?|const|let|class|type|interface|enum) (\w+)/gm;
  const programOf = (path: string) => (roomOf(path) === 'console' ? 'in the console ' : '');
  const exported = (await readSources()).flatMap(({ path, text }) =>
    [...text.matchAll(declarations)].map(([, name]) => [`${programOf(path)}${name}`, path] as const),
  );
  const byName = Map.groupBy(exported, ([name]) => name);
  const homonyms = [...byName].filter(([, found]) => new Set(found.map(([, path]) => path)).size > 1);
  expect(homonyms.map(([name, found]) => `${name}: ${found.map(([, path]) => path).join(', ')}`)).toEqual([]);
});
