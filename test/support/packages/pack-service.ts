/**
 * Packs the service as the package `hookcast`: its compiled JavaScript with types and source maps, the migrations, the console
 * where it was built, the documents, and the list of what it brings. It keeps the folders of the repository, because the code
 * finds its files by them.
 */
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createFolder } from '../processes/reaper.ts';
import { runProcess } from '../processes/start.ts';
import { licenceLines, type LockedPackage } from './licences.ts';
import { pack, TSC } from './pack.ts';
import { copyDocuments } from './packed-documents.ts';
import { makeSbom, packagesFor, type ServiceDependencies } from './sbom.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const CONSOLE = 'src/console/dist';

/** What the code reads at run time, and what people read beside the documents. */
const FILES = [
  'prisma/schema.prisma',
  'prisma/migrations',
  'src/server/pages/graphiql-page.js',
  'schema.graphql',
  'src/app/deploy',
  'src/pipeline/pipeline.svg',
];

/**
 * Of @prisma/client's 72 MB, which hold a query compiler for each database twice, the service loads these files. The package brings
 * them along (bundleDependencies), and what they need: npm looks for nothing that a package brings.
 */
const PRISMA = '@prisma/client';
const BUNDLED: Readonly<Record<string, readonly string[]>> = {
  [PRISMA]: [
    'package.json',
    'LICENSE',
    'runtime/client.js',
    'runtime/client.d.ts',
    'runtime/query_compiler_fast_bg.postgresql.mjs',
    'runtime/query_compiler_fast_bg.postgresql.wasm-base64.mjs',
  ],
  '@prisma/client-runtime-utils': ['package.json', 'LICENSE', 'dist'],
};

type Manifest = ServiceDependencies & {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
};

/** Returns the path of the tarball. Without the console, it says so. */
export async function packService(destination: string, say: (line: string) => void): Promise<string> {
  await using stage = await createFolder('hookcast-pack-');
  const config = join(import.meta.dirname, 'service.tsconfig.json');
  await runProcess(process.execPath, [TSC, '-p', config, '--outDir', stage.path]);
  for (const file of FILES) await copy(ROOT, stage.path, file);
  if (existsSync(join(ROOT, CONSOLE))) await copy(ROOT, stage.path, CONSOLE);
  else say(`${CONSOLE} is not there: the package has no console.`);
  for (const [name, files] of Object.entries(BUNDLED)) {
    const place = join('node_modules', name);
    for (const file of files) await copy(join(ROOT, place), join(stage.path, place), file);
  }
  await copyDocuments(ROOT, stage.path);
  const manifest = await readManifest();
  const packages = packagesFor(manifest);
  await writeFile(join(stage.path, 'package.json'), JSON.stringify(serviceManifest(manifest), null, 2));
  const sbom = makeSbom(manifest.name, manifest.version, packages);
  await writeFile(join(stage.path, 'sbom.cdx.json'), JSON.stringify(sbom, null, 2));
  await writeFile(join(stage.path, 'THIRD-PARTY-LICENCES.txt'), licencesText(packages));
  return await pack(stage.path, destination);
}

export const readManifest = async (): Promise<Manifest> =>
  JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Manifest;

/** The package.json of the package. */
export function serviceManifest(manifest: Manifest): object {
  const { name, version, description, license, dependencies, optionalDependencies } = manifest;
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    engines: { node: '>=22.19' },
    bin: { hookcast: 'src/cli.js' },
    dependencies,
    optionalDependencies,
    bundleDependencies: [PRISMA],
  };
}

const licencesText = (packages: readonly LockedPackage[]): string =>
  [
    'The packages that an installation of hookcast brings, by their licences. The text of each is in its package.',
    `${PRISMA} is inside this package, with its LICENSE and without the files that the service does not load.`,
    '',
    ...licenceLines(packages),
    '',
  ].join('\n');

async function copy(from: string, to: string, file: string): Promise<void> {
  await mkdir(dirname(join(to, file)), { recursive: true });
  await cp(join(from, file), join(to, file), { recursive: true });
}
