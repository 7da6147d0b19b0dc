/**
 * Records where requests went. A destination is a version of what its target chose: URL and own headers, with the brand. Each has
 * one row, which attempts name by its id; so an attempt takes no row more, and tells where it went also after its target was
 * changed. A worker writes the row with the first attempts that it settles, and once a day again, for retention (RECORDED_MS).
 *
 * The headers are sealed as they are in webhook_targets. They go when the target is deleted, as its own do.
 */
import type { Statement } from '../../../database/statement.ts';
import type { Seal } from '../../../domain/seal/seal.ts';
import { writeAttemptRequest } from '../../../domain/signing/attempt-request.ts';
import { sealHeaders } from '../../../domain/targets/headers/sealed-headers.ts';
import type { Claim } from '../claim.ts';
import type { Verdict } from '../judge.ts';

export type DestinationRecorder = {
  /** What is stored of the request of an attempt. */
  requestOf(verdict: Verdict): string;
  /** Returns what records the destinations of these verdicts; undefined, as nearly always: all are recorded. */
  recording(verdicts: readonly Verdict[], now: Date): Recording | undefined;
};

export type Recording = {
  readonly statement: Statement;
  /** Call it when the statement is committed. */
  done(): void;
};

/** How long a destination counts as recorded. Retention keeps one for longer after this than it keeps attempts. */
export const RECORDED_MS = 86_400_000;
/** The most destinations to remember: about 2 MB. */
const MAX_REMEMBERED = 10_000;

type Options = { readonly seal: Seal; readonly brand: string };

/** `brand`: of the service's own headers. */
export function createDestinationRecorder({ seal, brand }: Options): DestinationRecorder {
  const recorded = new Map<string, number>(); // When, oldest first.
  const ids = new Map<string, string>();
  /** By the headers of a claim, which are one object for each version of a target's. */
  const idsWithHeaders = new WeakMap<object, { readonly url: string; readonly id: string }>();

  /**
   * The same destination has the same id in every process, so nobody has to ask for it. It is a keyed name, because headers hold
   * secrets.
   */
  function idOf({ url, headers }: Claim): string {
    if (headers) return idWithHeaders(url, headers);
    const known = ids.get(url);
    if (known !== undefined) return known;
    const id = seal.nameOf(JSON.stringify([brand, url]), CONTEXT);
    if (ids.size >= MAX_REMEMBERED) ids.clear();
    ids.set(url, id);
    return id;
  }

  function idWithHeaders(url: string, headers: object): string {
    const known = idsWithHeaders.get(headers);
    if (known?.url === url) return known.id;
    const id = seal.nameOf(JSON.stringify([brand, url, headers]), CONTEXT);
    idsWithHeaders.set(headers, { url, id });
    return id;
  }

  function isRecorded(key: string, now: Date): boolean {
    const atMs = recorded.get(key);
    return atMs !== undefined && now.getTime() - atMs < RECORDED_MS;
  }

  function remember(keys: Iterable<string>, now: Date): void {
    for (const key of keys) {
      recorded.delete(key);
      recorded.set(key, now.getTime());
    }
    for (const oldest of recorded.keys()) {
      if (recorded.size <= MAX_REMEMBERED) break;
      recorded.delete(oldest);
    }
  }

  function statementOf(destinations: readonly Used[], now: Date): Statement {
    const column = <T>(pick: (used: Used) => T): T[] => destinations.map(pick);
    const sealed = ({ claim: { targetId: id, organizationId, headers } }: Used) =>
      headers && sealHeaders(seal, { id, organizationId }, toList(headers));
    const values = [
      column(({ claim }) => claim.targetId),
      column(({ id }) => id),
      column(({ claim }) => claim.url),
      column(sealed),
      brand,
      now,
    ];
    return { name: 'record_destinations', text: RECORD, values };
  }

  return {
    requestOf: ({ claim, stamp, result }) =>
      writeAttemptRequest({ ...stamp, destinationId: idOf(claim), connection: result.connection ?? null }),

    recording(verdicts, now) {
      const missing = new Map<string, Used>();
      for (const { claim } of verdicts) {
        const id = idOf(claim);
        const key = `${claim.targetId} ${id}`;
        if (!isRecorded(key, now)) missing.set(key, { id, claim });
      }
      if (missing.size === 0) return undefined;
      // Sorted, so that two workers never wait for each other.
      const inOrder = [...missing].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, used]) => used);
      return { statement: statementOf(inOrder, now), done: () => remember(missing.keys(), now) };
    },
  };
}

/** A destination, and a claim that went there. */
type Used = { readonly id: string; readonly claim: Claim };

const CONTEXT = 'target-destination';

const toList = (headers: Readonly<Record<string, string>>) =>
  Object.entries(headers).map(([name, value]) => ({ name, value }));

// The lock waits for a deletion that is under way: what it takes away must not come back.
const RECORD = `
  insert into target_destinations as d (target_id, id, organization_id, url, sealed_headers, brand, last_used_at)
  select t.id, used.id, t.organization_id, used.url, case when t.deleted_at is null then used.sealed_headers end, $5, $6
  from unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) as used (target_id, id, url, sealed_headers)
  join webhook_targets t on t.id = used.target_id
  where t.id = any($1)
  order by t.id, used.id
  for share of t
  on conflict (target_id, id) do update set last_used_at = excluded.last_used_at
    where d.last_used_at < excluded.last_used_at - interval '1 hour'`;
