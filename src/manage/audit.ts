/**
 * The audit log: who changed what. Each change of a setting writes its row here, in the transaction that makes the change: both
 * are committed, or neither is. The one change that manage/ does not make is in pipeline/deliver/settle/health-sql.ts, where
 * the service disables a target that goes on failing.
 *
 * Rows are read by people who may not see secrets. So the code that writes a row names its fields one by one, and never gives
 * a whole record: no key, no secret, no hash, no sealed bytes. A key of ours that a client wrote into a name or a url is cut out.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Sql } from '../database/statement.ts';
import type { IdGenerator } from '../domain/ksuid.ts';
import { redact } from '../domain/redact.ts';
import type { Principal } from '../domain/reach.ts';

/** The actor of a change. `apiKeyId`: the id of the API key, or of the portal session. */
export type Actor =
  | { readonly kind: 'API_KEY' | 'PORTAL_SESSION'; readonly apiKeyId: string }
  /** A person with access to the deployment's settings, through a command of `hookcast`. */
  | { readonly kind: 'COMMAND_LINE' }
  /** No person: a start of the service adds something. */
  | { readonly kind: 'SERVICE' };

/** The actor of a change, and the operation. It travels from the mutation or command to the row. */
export type Author = {
  readonly actor: Actor;
  /** The mutation's name in the schema, the command's name, or `start`. Never a name that a client chose. */
  readonly operation: string;
};

/** What a start of the service adds to a deployment that lacks it. */
export const START: Author = { actor: { kind: 'SERVICE' }, operation: 'start' };

/** Every function that changes settings is told who asks for the change. */
export type Authored = { readonly author: Author };

/** A caller who changes settings of an organization. */
export type AuditedCaller = Principal & Authored;

/** What a row can be about, by the names of the schema, where the schema has the type. */
export type SubjectType =
  | ('WebhookTarget' | 'ApiKey' | 'EventType' | 'Organization' | 'SigningKey' | 'MasterKey')
  | ('Delivery' | 'Erasure' | 'PortalSession' | 'Replay');

type Fields = Readonly<Record<string, unknown>>;

export type AuditEntry = {
  /** The organization that owns the changed thing; null: it belongs to the deployment. */
  readonly organizationId: string | null;
  readonly type: SubjectType;
  /** Its id, or its name where it has no id; null where there is only one. */
  readonly id: string | null;
  /** Null: it did not exist before. */
  readonly before: Fields | null;
  /** Null: it no longer exists. */
  readonly after: Fields | null;
  /** For a change that takes several transactions: each replaces `after` of the row with this id. Default: a new id. */
  readonly entryId?: string;
};

type Origin = Authored & { readonly ids: IdGenerator; readonly now: Date };

/**
 * Writes a row for each change, in the caller's transaction, which must also be the one that makes the changes. A row has the
 * fields of `before` and `after` that differ; a change without such fields gets no row.
 */
export async function audit(tx: Sql, { author, ids, now }: Origin, changes: readonly AuditEntry[]): Promise<void> {
  const entries = changes.flatMap((change) => reduce(change) ?? []);
  if (entries.length === 0) return;
  const { actor, operation } = author;
  const json = (fields: Fields | null) => fields && redact(JSON.stringify(fields));
  await tx.query({
    name: 'insert_audit_entries',
    text: INSERT,
    values: [
      now,
      actor.kind,
      'apiKeyId' in actor ? actor.apiKeyId : null,
      operation,
      entries.map(({ entryId }) => entryId ?? ids.next()),
      entries.map(({ organizationId }) => organizationId),
      entries.map(({ type }) => type),
      entries.map(({ id }) => id),
      entries.map(({ before }) => json(before)),
      entries.map(({ after }) => json(after)),
    ],
  });
}

/** The names of the fields that differ. */
export const changedFields = (before: Fields, after: Fields): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );

/** The change with only the fields that differ; undefined when no field does. */
function reduce(change: AuditEntry): AuditEntry | undefined {
  const { before, after } = change;
  if (!before || !after) return before || after ? change : undefined;
  const changed = changedFields(before, after);
  const pick = (fields: Fields) => Object.fromEntries(changed.map((name) => [name, fields[name] ?? null]));
  return changed.length > 0 ? { ...change, before: pick(before), after: pick(after) } : undefined;
}

// The name and the organization of the API key as they are now: the row outlives the key.
const INSERT = `
  insert into audit_log (id, organization_id, at, actor, api_key_id, api_key_name, api_key_organization_id, operation,
    subject_type, subject_id, before, after)
  select new.id, new.organization_id, $1, $2, $3, key.name, key.organization_id, $4, new.subject_type, new.subject_id,
    new.before::json, new.after::json
    from unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
           as new (id, organization_id, subject_type, subject_id, before, after)
    left join api_keys key on key.id = $3
  on conflict (id) do update set after = excluded.after`;
