/** The release before this version, for control runs: an attack that does not hurt it proves nothing about this one. */
import { checkOut, type CheckOut } from '../../support/upgrade/check-out.ts';
import { readRelease, RELEASES } from '../../support/upgrade/release.ts';

export type ReleaseBefore = CheckOut & { readonly version: string };

/** Undefined where the history of this folder does not have it: then a control run is skipped, and says so. */
export async function checkOutReleaseBefore(): Promise<ReleaseBefore | undefined> {
  const version = RELEASES.at(-1)!;
  const { commit } = await readRelease(version);
  const release = await checkOut(commit);
  return release && { ...release, version };
}
