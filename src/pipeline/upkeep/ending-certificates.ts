/**
 * Warns of client certificates that end soon: once 30 days before, and once 7 days before, whichever worker looks. A warning is
 * noted in the row of its certificate, so a certificate that is given for a target starts anew.
 */
import { createCaretaker, type Caretaker } from '../../database/caretaker.ts';
import type { Clock } from '../../clock.ts';
import { isPassing } from '../../database/refusal.ts';
import type { Database } from '../../database/client.ts';
import type { TellingTransaction } from '../../database/telling.ts';
import { certificateExpiring, type ToldTarget } from '../../domain/service-event.ts';

export type EndingCertificate = {
  readonly targetId: string;
  readonly organizationId: string;
  /** 30 or 7: it ends within so many days. It may have ended already. */
  readonly days: number;
  readonly notAfter: Date;
};

/** Certificates of targets, by when they end. */
export type EndingCounts = { readonly within30Days: number; readonly within7Days: number; readonly ended: number };

type Options = {
  readonly database: Pick<Database, 'transaction'>;
  /** Tells of each warning in the transaction that notes it. */
  readonly tellingTransaction: TellingTransaction;
  readonly clock: Clock;
  /** Called after the commit. */
  readonly onEnding: (certificate: EndingCertificate) => void;
  readonly onError: (error: unknown) => void;
};

export type CertificateWatch = Caretaker & {
  /** As the last round found them; undefined before the first one. */
  counts(): EndingCounts | undefined;
};

const WATCH_MS = 10 * 60_000;
/** Warnings of one transaction. */
const BATCH = 100;

type Warned = Omit<ToldTarget, 'organizationId'> &
  Omit<EndingCertificate, 'targetId'> & { readonly subject: string; readonly fingerprintSha256: string };

export function createCertificateWatch(options: Options): CertificateWatch {
  const { database, tellingTransaction, clock, onEnding, onError } = options;
  let counts: EndingCounts | undefined;

  async function warn(): Promise<number> {
    const warned = await tellingTransaction(
      async (tx, tell) => {
        const { rows } = await tx.query<Warned>(WARN, [clock.now(), BATCH]);
        if (rows.length > 0) await tell(rows.map((row) => certificateExpiring(row, row)));
        return rows;
      },
      { repeatsAfter: isPassing },
    );
    for (const { id: targetId, organizationId, days, notAfter } of warned) {
      onEnding({ targetId, organizationId, days, notAfter });
    }
    return warned.length;
  }

  async function round(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await warn()) === BATCH);
    const now = clock.now();
    counts = await database.transaction(async (tx) => (await tx.query<EndingCounts>(COUNT, [now])).rows[0]!);
  }

  return { ...createCaretaker({ everyMs: WATCH_MS, round, onError }), counts: () => counts };
}

/** What a target shows now: the row of a certificate may outlive it, when a process of an earlier release deletes its target. */
const SHOWN = `
  from target_certificates c
  join webhook_targets t on t.id = c.target_id and t.certificate_version = c.version and t.deleted_at is null`;

const DAYS = `case when c.not_after <= $1::timestamptz + interval '7 days' then 7 else 30 end`;

// Another worker that is about to warn of the same certificate is not waited for.
const WARN = `
  with due as (
    select c.target_id, t.organization_id, t.name, t.url, t.status, ${DAYS} as days
    ${SHOWN}
    where c.not_after <= $1::timestamptz + interval '30 days' and coalesce(c.warned_days, 31) > ${DAYS}
    order by c.not_after, c.target_id limit $2
    for update of c skip locked
  )
  update target_certificates c set warned_days = due.days from due where c.target_id = due.target_id
  returning c.target_id as id, due.organization_id as "organizationId", due.name, due.url, due.status, due.days, c.subject,
    c.fingerprint_sha256 as "fingerprintSha256", c.not_after as "notAfter"`;

const COUNT = `
  select count(*)::int as "within30Days",
    count(*) filter (where c.not_after <= $1::timestamptz + interval '7 days')::int as "within7Days",
    count(*) filter (where c.not_after <= $1::timestamptz)::int as ended
  ${SHOWN} where c.not_after <= $1::timestamptz + interval '30 days'`;
