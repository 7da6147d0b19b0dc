/** Deletes an organization: it ends at once, and an erasure then deletes what it has (pipeline/erasure/). */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { remember, type Effect } from '../database/effect.ts';
import { isId, type IdGenerator } from '../domain/ksuid.ts';
import { notFound, reaches } from '../domain/reach.ts';
import { fail, succeed, userError, type Result } from '../errors.ts';
import { audit, type AuditedCaller } from './audit.ts';
import { insertErasure } from './erasures.ts';

type Options = { readonly database: Pick<Database, 'transaction'>; readonly clock: Clock; readonly ids: IdGenerator };

/**
 * In one transaction the organization is not found any more, its API keys are revoked and its targets deleted: so it sends and
 * reads nothing, whatever its rows still are. NOT_FOUND; INVALID for the organization of the caller's API key and the first one.
 */
export async function deleteOrganization(
  { database, clock, ids }: Options,
  caller: AuditedCaller,
  id: string,
  effect?: Effect,
): Promise<Result<{ erasureId: string }>> {
  if (!isId(id) || !reaches(caller, id)) return fail(notFound('organization', id));
  if (id === (caller.actsFrom ?? caller.organizationId)) return fail(OWN);
  return database.transaction(async (tx) => {
    const now = clock.now();
    const { rows } = await tx.query<Organization>(LOCK, [id]);
    if (!rows[0]) return fail(notFound('organization', id));
    const { isFirst, ...before } = rows[0];
    if (isFirst) return fail(FIRST);
    for (const end of [END, END_KEYS, END_TARGETS]) await tx.query(end, [id, now]);
    const erasureId = ids.next();
    await insertErasure(tx, { id: erasureId, organizationId: id, scope: { kind: 'organization' }, before: now, now });
    await audit(tx, { author: caller.author, ids, now }, [
      { organizationId: null, type: 'Organization', id, before, after: null },
    ]);
    return succeed(await remember(tx, effect, { erasureId }));
  });
}

const OWN = userError(
  'INVALID',
  'id',
  'Expected another organization than that of this API key, got its own. Use an API key of another organization.',
);

const FIRST = userError(
  'INVALID',
  'id',
  'Expected another organization than the first one of the deployment, which holds its bootstrap API key.',
);

type Organization = { readonly name: string; readonly externalId: string | null; readonly isFirst: boolean };

const LOCK = `
  select name, external_id as "externalId",
    exists (select from settings where name = 'first_organization' and value = $1) as "isFirst"
  from organizations where id = $1 and deleted_at is null for update`;

const END = 'update organizations set deleted_at = $2, external_id = null where id = $1';

const END_KEYS = 'update api_keys set revoked_at = $2 where organization_id = $1 and revoked_at is null';

// Like the deletion of one target, it forgets what its receiver may count as a secret: own headers and client certificates.
const END_TARGETS = `
  with deleted as (
    update webhook_targets
       set deleted_at = $2, updated_at = $2, sealed_headers = null, certificate_version = null
     where organization_id = $1 and deleted_at is null
    returning id
  ), shown as (
    delete from target_certificates c using deleted where c.target_id = deleted.id
  )
  update target_destinations d set sealed_headers = null
    from deleted where d.target_id = deleted.id and d.sealed_headers is not null`;
