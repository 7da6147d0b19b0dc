/** What an installation of the package `hookcast` brings, from the lock file, as a software bill of materials (CycloneDX 1.6). */
import { createHash } from 'node:crypto';
import { lockedPackages, type LockedPackage } from './licences.ts';

export type ServiceDependencies = {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
};

/** All packages that these dependencies bring, each once. */
export function packagesFor({ dependencies, optionalDependencies }: ServiceDependencies): LockedPackage[] {
  const locked = new Map(lockedPackages().map((each) => [each.path, each]));
  const found = new Set<LockedPackage>();

  /** As Node looks for it: beside the package that needs it, then further up. An optional one may be locked nowhere. */
  function find(name: string, from: string): LockedPackage | undefined {
    const own = locked.get(`${from}${from === '' ? '' : '/'}node_modules/${name}`);
    if (own || from === '') return own;
    return find(name, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))));
  }

  function add(needed: Readonly<Record<string, string>> = {}, from: string): void {
    for (const name of Object.keys(needed)) {
      const each = find(name, from);
      if (!each || found.has(each)) continue;
      found.add(each);
      add({ ...each.dependencies, ...each.optionalDependencies }, each.path);
    }
  }

  add({ ...dependencies, ...optionalDependencies }, '');
  return [...found].sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** The same for the same packages: without a date, and with a number made from its content. */
export function makeSbom(name: string, version: string, packages: readonly LockedPackage[]): object {
  const components = packages.map(componentOf);
  const digest = createHash('sha256')
    .update(JSON.stringify([name, version, components]))
    .digest('hex');
  const uuid = digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuid}`,
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': `${name}@${version}`, name, version } },
    components,
  };
}

function componentOf({ name, version, license, integrity, path }: LockedPackage): object {
  const [, algorithm, hash] = /^(sha\d+)-(.+)$/.exec(integrity ?? '') ?? [];
  return {
    type: 'library',
    'bom-ref': path,
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    licenses:
      license === undefined
        ? []
        : [/[()]| OR | AND /.test(license) ? { expression: license } : { license: { id: license } }],
    ...(hash && {
      hashes: [{ alg: algorithm!.replace('sha', 'SHA-'), content: Buffer.from(hash, 'base64').toString('hex') }],
    }),
  };
}
