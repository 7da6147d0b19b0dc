/** A release whose database is kept here: `<version>.sql`, and in `<version>.json` what cannot be read from it. */
import { readFile } from 'node:fs/promises';

export type ReleaseFacts = {
  readonly version: string;
  /** The commit that made the dump. Tests of rolling upgrades run it from the history of this repository. */
  readonly commit: string;
  /** A moment after the last row was written, RFC 3339. Tests go on from there. */
  readonly takenAt: string;
  /** The origin of all targets that receive. */
  readonly origin: string;
  /** What its secrets are sealed under. That of 0.1.0 is 32 times the same byte, which later releases refuse. */
  readonly masterKey: string;
  /** A PLATFORM_ADMIN key. */
  readonly apiKey: string;
  /** Of the target at /ok, before it was rotated: it signs on for a day. */
  readonly secret: string;
  /** Cursors that clients kept when some of the deliveries and targets were still to come. */
  readonly deliveryCursor: string;
  readonly targetCursor: string;
  /** A mutation that was answered under this idempotency key, and the answer. */
  readonly answered: { readonly key: string; readonly query: string; readonly body: string };
  /** A mutation whose process was killed after its first field. */
  readonly interrupted: { readonly key: string; readonly query: string };
};

export type Release = ReleaseFacts & { readonly sql: string };

/** Every release that databases may come from, oldest first. */
export const RELEASES = ['0.1.0'] as const;

export async function readRelease(version: string): Promise<Release> {
  const read = (ending: string) => readFile(new URL(`${version}.${ending}`, import.meta.url), 'utf8');
  const [facts, sql] = await Promise.all([read('json'), read('sql')]);
  return { ...(JSON.parse(facts) as ReleaseFacts), sql };
}
