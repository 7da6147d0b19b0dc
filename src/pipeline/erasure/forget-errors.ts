/**
 * An error text can hold words of the receiver, such as the names in its certificate. The last error of a target stands in its
 * health, in the reason for which it was disabled, and in that of a replay which this has halted: where it is one that is
 * erased, it goes there too. Texts of ours that only tell a status stay.
 */
import type { Sql } from '../../database/statement.ts';
import { ERASED_ERROR } from '../../domain/erasure.ts';

/** To be called before the attempts are erased. */
export async function forgetErrors(tx: Sql, deliveryIds: readonly string[]): Promise<void> {
  const { rows } = await tx.query<ForgottenError>({ name: 'find_errors', text: ERRORS, values: [deliveryIds] });
  if (rows.length === 0) return;
  const values = [rows.map(({ targetId }) => targetId), rows.map(({ error }) => error)];
  for (const { name, text } of FORGET) await tx.query({ name, text, values });
}

type ForgottenError = { readonly targetId: string; readonly error: string };

const ERRORS = `
  select distinct d.target_id as "targetId", a.error
    from deliveries d join delivery_attempts a on a.delivery_id = d.id
   where d.id = any($1) and a.error is not null and a.error not like 'The target answered %'
   order by 1, 2`;

const FORGOTTEN = 'from unnest($1::text[], $2::text[]) as forgotten (target_id, error)';
const without = (text: string): string => `replace(${text}, forgotten.error, '${ERASED_ERROR}')`;

const FORGET = [
  {
    name: 'forget_errors_of_health',
    text: `update target_health h set last_failure_reason = null ${FORGOTTEN}
            where h.target_id = forgotten.target_id and h.last_failure_reason = forgotten.error`,
  },
  {
    name: 'forget_errors_of_targets',
    text: `update webhook_targets t set disabled_reason = ${without('t.disabled_reason')} ${FORGOTTEN}
            where t.id = forgotten.target_id and strpos(t.disabled_reason, forgotten.error) > 0`,
  },
  {
    name: 'forget_errors_of_changes',
    text: `update target_changes c set reason = ${without('c.reason')} ${FORGOTTEN}
             join webhook_targets t on t.id = forgotten.target_id
            where c.organization_id = t.organization_id and c.target_id = t.id
              and strpos(c.reason, forgotten.error) > 0`,
  },
  {
    name: 'forget_errors_of_replays',
    text: `update replays r set reason = ${without('r.reason')} ${FORGOTTEN}
            where r.target_id = forgotten.target_id and strpos(r.reason, forgotten.error) > 0`,
  },
  {
    name: 'forget_errors_of_audit_log',
    text: `update audit_log l
              set before = ${without('l.before::text')}::json, after = ${without('l.after::text')}::json
             from unnest($1::text[], $2::text[]) as told (target_id, text)
            cross join lateral (select trim('"' from to_json(told.text)::text) as error) as forgotten
            where l.subject_id = told.target_id
              and strpos(coalesce(l.before::text, '') || coalesce(l.after::text, ''), forgotten.error) > 0`,
  },
] as const;
