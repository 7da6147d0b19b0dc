/**
 * `npm run generate` writes what is generated and committed: prisma/generated, schema.graphql, test/generated,
 * src/console/generated, src/client/schema-types.ts.
 * `npm run check` (--check) makes the same in memory, writes nothing, and fails when a committed file differs.
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { generate } from '@graphql-codegen/cli';
import { buildSchema as readSchema, isObjectType, lexicographicSortSchema, printSchema } from 'graphql';
import { format } from 'prettier';
import codegen from '../../codegen.ts';
import { createFolder } from './processes/reaper.ts';
import { runProcess } from './processes/start.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PRISMA_OUTPUT = 'prisma/generated';
const CODEGEN_OUTPUTS = ['test/generated', 'src/console/generated'];
const CLIENT_TYPES = 'src/client/schema-types.ts';

/** Content by path from the root. */
type Files = ReadonlyMap<string, string>;

async function generatePrisma(): Promise<Files> {
  // Generators write beside the schema: a copy keeps them out of the tree.
  await using folder = await createFolder('hookcast-generate-');
  const directory = folder.path;
  await cp(join(ROOT, 'prisma/schema.prisma'), join(directory, 'schema.prisma'));
  const bin = join(ROOT, 'node_modules/.bin');
  await runProcess(join(bin, 'prisma'), ['generate', '--no-hints', `--schema=${directory}/schema.prisma`], {
    cwd: join(ROOT, 'prisma'),
    env: {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env['PATH']}`,
      // `generate` has no use for the schema engine, but downloads it unless some executable stands in for it.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      CHECKPOINT_DISABLE: '1',
    },
  });
  return await readFiles(join(directory, 'generated'), PRISMA_OUTPUT);
}

async function generateSchema(): Promise<Files> {
  // Imported here, because it imports what generatePrisma makes.
  const { buildSchema } = await import('../../src/schema/index.ts');
  return new Map([['schema.graphql', `${printSchema(lexicographicSortSchema(buildSchema()))}\n`]]);
}

async function generateDocuments(schema: string): Promise<Files> {
  const written: { filename: string; content: string }[] = await generate(
    { ...codegen, schema, cwd: ROOT, silent: true, errorsOnly: true },
    false,
  );
  return new Map(written.map(({ filename, content }) => [relative(ROOT, resolve(ROOT, filename)), content]));
}

const ROOT_OR_META = /^(__.*|Query|Mutation|Subscription)$/;

/** What the caches of front ends must know of the schema. */
async function generateClientTypes(sdl: string): Promise<Files> {
  const types = Object.values(readSchema(sdl).getTypeMap()).filter(isObjectType);
  const nodes = types.filter((type) => type.getInterfaces().some(({ name }) => name === 'Node'));
  const unkeyed = types.filter((type) => !ROOT_OR_META.test(type.name) && !('id' in type.getFields()));
  const listOf = (name: string, of: readonly { readonly name: string }[]) =>
    `export const ${name}: readonly string[] = ${JSON.stringify(of.map((type) => type.name))};`;
  const text = [
    '/** Of schema.graphql, written by `npm run generate`. */',
    '',
    '/** Implement Node. */',
    listOf('NODE_TYPES', nodes),
    '',
    '/** Have no `id`. */',
    listOf('UNKEYED_TYPES', unkeyed),
  ].join('\n');
  const options = JSON.parse(await readFile(join(ROOT, '.prettierrc'), 'utf8')) as object;
  return new Map([[CLIENT_TYPES, await format(text, { ...options, parser: 'typescript' })]]);
}

/** Every file under a directory, by its path below `name`; none when there is no such directory. */
async function readFiles(directory: string, name: string): Promise<Files> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      paths.map(async (path) => [join(name, relative(directory, path)), await readFile(path, 'utf8')] as const),
    ),
  );
}

/** What is committed of what `name` generates: a file, or everything in a directory. */
async function readCommitted(name: string): Promise<Files> {
  const content = await readFile(join(ROOT, name), 'utf8').catch(() => undefined);
  return content === undefined ? readFiles(join(ROOT, name), name) : new Map([[name, content]]);
}

async function write(name: string, files: Files): Promise<void> {
  for (const path of (await readCommitted(name)).keys()) if (!files.has(path)) await rm(join(ROOT, path));
  for (const [path, content] of files) {
    await mkdir(dirname(join(ROOT, path)), { recursive: true });
    await writeFile(join(ROOT, path), content);
  }
}

/** One line for each file that is not as generated. */
async function compare(name: string, files: Files): Promise<string[]> {
  const committed = await readCommitted(name);
  const paths = [...new Set([...files.keys(), ...committed.keys()])].sort();
  return paths.flatMap((path) => {
    const [expected, actual] = [files.get(path), committed.get(path)];
    if (expected === actual) return [];
    if (expected === undefined) return [`${path}: is not generated any more`];
    if (actual === undefined) return [`${path}: is missing`];
    const lines = { expected: expected.split('\n'), actual: actual.split('\n') };
    const at = lines.expected.findIndex((line, index) => line !== lines.actual[index]);
    const index = at === -1 ? lines.expected.length : at;
    const show = (line: string | undefined) => (line === undefined ? '(end of file)' : line.trim());
    return [`${path}:${index + 1}: is "${show(lines.actual[index])}", should be "${show(lines.expected[index])}"`];
  });
}

async function main(isCheck: boolean): Promise<void> {
  const stale: string[] = [];
  const settle = async (name: string, files: Files) =>
    isCheck ? stale.push(...(await compare(name, files))) : await write(name, files);

  await settle(PRISMA_OUTPUT, await generatePrisma());
  const schema = await generateSchema();
  await settle('schema.graphql', schema);
  const sdl = schema.get('schema.graphql')!;
  const documents = [...(await generateDocuments(sdl))];
  for (const folder of CODEGEN_OUTPUTS) {
    await settle(folder, new Map(documents.filter(([path]) => path.startsWith(`${folder}/`))));
  }
  await settle(CLIENT_TYPES, await generateClientTypes(sdl));

  if (stale.length === 0) return;
  console.error(['Generated files are stale. Run `npm run generate` and commit.', ...stale].join('\n  '));
  process.exitCode = 1;
}

await main(process.argv.includes('--check')).catch((error: unknown) => {
  console.error('Generating failed.', error);
  process.exitCode = 1;
});
