/**
 * The licences of the packages that a production install brings, from the lock file. `npm run licences` prints them;
 * supply-chain.test.ts fails on a licence that nobody has agreed to.
 */
import { readFileSync } from 'node:fs';

export type LockedPackage = {
  readonly name: string;
  /** In the lock file: node_modules/… */
  readonly path: string;
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  /** Of development only. One that is also an optional dependency of production is `devOptional`, and counted as production. */
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

/** They ask for their text and the copyright notice to be kept, and for nothing else that concerns a service. */
const PERMISSIVE = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
]);

/** Agreed to one by one. */
const AGREED: Readonly<Record<string, { readonly licence: string | undefined; readonly reason: string }>> = {
  elkjs: {
    licence: 'EPL-2.0',
    reason: 'part of Prisma Studio in the prisma CLI; unchanged, and never loaded by the service',
  },
  'seq-queue': { licence: undefined, reason: 'MIT by its LICENSE file; its package.json is silent' },
};

export function lockedPackages(): LockedPackage[] {
  const lock = JSON.parse(readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8')) as {
    readonly packages: Readonly<Record<string, Omit<LockedPackage, 'name' | 'path'>>>;
  };
  return Object.entries(lock.packages)
    .filter(([path]) => path !== '')
    .map(([path, locked]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      path,
      ...locked,
    }));
}

export const productionPackages = (): LockedPackage[] => lockedPackages().filter(({ dev }) => !dev);

/** SPDX expressions of AND and OR, as far as packages have them. */
export function isAgreed({ name, license }: Pick<LockedPackage, 'name' | 'license'>): boolean {
  const agreed = AGREED[name];
  if (agreed && agreed.licence === license) return true;
  const choices = (license ?? '').replace(/[()]/g, '').split(/ or /i);
  return choices.some((choice) => choice.split(/ and /i).every((licence) => PERMISSIVE.has(licence)));
}

/** A line for each licence, with the packages that have it. */
export function licenceLines(packages: readonly LockedPackage[]): string[] {
  const byLicence = Object.entries(Object.groupBy(packages, ({ license }) => license ?? 'not stated'));
  return byLicence
    .sort(([, a = []], [, b = []]) => b.length - a.length)
    .map(([licence, members = []]) => {
      const names = [...new Set(members.map(({ name, version }) => `${name}@${version}`))].sort();
      return `${licence} (${names.length}): ${names.join(', ')}`;
    });
}

if (import.meta.main) {
  const packages = productionPackages();
  for (const line of licenceLines(packages)) console.log(line);
  for (const [name, { reason }] of Object.entries(AGREED)) console.log(`agreed: ${name}, ${reason}`);
  const refused = packages.filter((each) => !isAgreed(each));
  for (const { name, license } of refused) console.log(`NOT AGREED: ${name}, ${license ?? 'no licence stated'}`);
  process.exitCode = refused.length > 0 ? 1 : 0;
}
