/** Organizations. The API checks who may create or change one. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { remember, type Effect } from '../database/effect.ts';
import { sqlState, type Sql } from '../database/statement.ts';
import { isId, type IdGenerator } from '../domain/ksuid.ts';
import { checkText, quote } from '../domain/text.ts';
import { fail, succeed, userError, type Result, type UserError } from '../errors.ts';
import { audit, type AuditedCaller, type Authored, type AuditEntry } from './audit.ts';
import { deleteOrganization } from './delete-organization.ts';
import { notFound, reaches } from '../domain/reach.ts';

/** Limits of one organization. Null: the default of the deployment. */
type Limits = {
  /** Operations of all its API keys together. */
  readonly rateLimitPerMinute: number | null;
  readonly maxApiKeys: number | null;
  readonly maxTargets: number | null;
};

type InputLimits = { readonly [Name in keyof Limits]: number | null | undefined };

type CreateInput = {
  readonly name: string;
  /** The platform's own id. Null and undefined: none. */
  readonly externalId?: string | null | undefined;
} & Partial<InputLimits>;

/** An undefined field stays as it is. */
type UpdateInput = {
  readonly id: string;
  readonly name?: string | null | undefined;
  readonly externalId?: string | null | undefined;
} & Partial<InputLimits>;

export type Organizations = {
  /**
   * A name is 1 to 128 characters of text, a rate limit 1 to 10,000,000, the other limits 1 to 1,000,000, an external id 1 to
   * 255 printable ASCII characters and no KSUID. REQUIRED, TOO_LONG, INVALID; ALREADY_EXISTS when another organization has the
   * external id.
   */
  create(caller: Authored, input: CreateInput, effect?: Effect): Promise<Result<{ organizationId: string }>>;
  /** Fails with the errors of create, and NOT_FOUND. A new rate limit counts within 2 seconds in every process. */
  update(caller: AuditedCaller, input: UpdateInput, effect?: Effect): Promise<Result<{ organizationId: string }>>;
  /** See delete-organization.ts. */
  delete(
    caller: AuditedCaller,
    input: { readonly id: string },
    effect?: Effect,
  ): Promise<Result<{ erasureId: string }>>;
};

type Options = { readonly database: Database; readonly clock: Clock; readonly ids: IdGenerator };

const MAX_NAME = 128;
const MOST: { readonly [Name in keyof Limits]: number } = {
  rateLimitPerMinute: 10_000_000,
  maxApiKeys: 1_000_000,
  maxTargets: 1_000_000,
};

export function createOrganizations({ database, clock, ids }: Options): Organizations {
  return {
    async create({ author }, { name, externalId = null, ...limits }, effect) {
      const errors = [...checkName(name), ...checkExternalId(externalId), ...checkLimits(limits)];
      if (errors.length > 0) return fail(...errors);
      const id = ids.next();
      const after = { name, externalId, ...changeLimits(NO_LIMITS, limits) };
      return unlessTaken(externalId, () =>
        database.transaction(async (tx) => {
          const now = clock.now();
          await tx.query(INSERT, [id, now, ...columnsOf(after)]);
          await audit(tx, { author, ids, now }, [organizationChange(id, null, after)]);
          return succeed(await remember(tx, effect, { organizationId: id }));
        }),
      );
    },

    async update(caller, { id, name, externalId, ...limits }, effect) {
      const errors = [
        ...(name === undefined ? [] : checkName(name ?? '')),
        ...checkExternalId(externalId),
        ...checkLimits(limits),
      ];
      if (!isId(id) || !reaches(caller, id)) errors.unshift(notFound('organization', id));
      if (errors.length > 0) return fail(...errors);
      return unlessTaken(externalId, () =>
        database.transaction<Result<{ organizationId: string }>>(async (tx) => {
          const before = (await tx.query<AuditedOrganization>(LOCK, [id])).rows[0];
          if (!before) return fail(notFound('organization', id));
          const after = {
            name: name ?? before.name,
            externalId: externalId === undefined ? before.externalId : externalId,
            ...changeLimits(before, limits),
          };
          await tx.query(UPDATE, [id, ...columnsOf(after)]);
          await audit(tx, { author: caller.author, ids, now: clock.now() }, [organizationChange(id, before, after)]);
          return succeed(await remember(tx, effect, { organizationId: id }));
        }),
      );
    },

    delete: (caller, { id }, effect) => deleteOrganization({ database, clock, ids }, caller, id, effect),
  };
}

/** The organization with this id, or with this external id; undefined: there is none. */
export async function findOrganizationId(sql: Sql, name: string): Promise<string | undefined> {
  const { rows } = await sql.query<{ id: string }>(NAMED, [name]);
  return rows[0]?.id;
}

const UNIQUE_VIOLATION = '23505';

/** Does the work; ALREADY_EXISTS when another organization has the external id. */
async function unlessTaken<T>(
  externalId: string | null | undefined,
  work: () => Promise<Result<T>>,
): Promise<Result<T>> {
  try {
    return await work();
  } catch (error) {
    if (externalId == null || sqlState(error) !== UNIQUE_VIOLATION) throw error;
    const message = `Another organization has the externalId ${quote(externalId)}. Find it with organization(externalId:).`;
    return fail(userError('ALREADY_EXISTS', 'externalId', message));
  }
}

const checkName = (name: string): UserError[] => checkText('name', name, { most: MAX_NAME, required: true });

const NAMES = Object.keys(MOST) as (keyof Limits)[];
const NO_LIMITS: Limits = { rateLimitPerMinute: null, maxApiKeys: null, maxTargets: null };

const checkLimits = (limits: Partial<InputLimits>): UserError[] =>
  NAMES.flatMap((name) => {
    const limit = limits[name];
    if (limit == null || (Number.isInteger(limit) && limit >= 1 && limit <= MOST[name])) return [];
    return [userError('INVALID', name, `Expected 1 to ${MOST[name]}, or null for the default, got ${limit}.`)];
  });

/** Limits that are undefined stay as they are. */
function changeLimits(before: Limits, { rateLimitPerMinute, maxApiKeys, maxTargets }: Partial<InputLimits>): Limits {
  return {
    rateLimitPerMinute: rateLimitPerMinute === undefined ? before.rateLimitPerMinute : rateLimitPerMinute,
    maxApiKeys: maxApiKeys === undefined ? before.maxApiKeys : maxApiKeys,
    maxTargets: maxTargets === undefined ? before.maxTargets : maxTargets,
  };
}

/** An organization's id and an external id are never alike, so that one field can take both. */
function checkExternalId(externalId: string | null | undefined): UserError[] {
  if (externalId == null || (/^[\x20-\x7e]{1,255}$/.test(externalId) && !isId(externalId))) return [];
  const expected = 'Expected 1 to 255 printable ASCII characters that are no KSUID (27 letters and digits), got';
  return [userError('INVALID', 'externalId', `${expected} ${quote(externalId)}.`)];
}

type AuditedOrganization = Limits & { readonly name: string; readonly externalId: string | null };

const columnsOf = ({ name, externalId, rateLimitPerMinute, maxApiKeys, maxTargets }: AuditedOrganization) => [
  name,
  externalId,
  rateLimitPerMinute,
  maxApiKeys,
  maxTargets,
];

/** The audit entry belongs to the deployment: an organization has no say in which organizations there are. */
export const organizationChange = (
  id: string,
  before: AuditedOrganization | null,
  after: Pick<AuditedOrganization, 'name'>,
): AuditEntry => ({
  organizationId: null,
  type: 'Organization',
  id,
  before,
  after,
});

const INSERT = `
  insert into organizations (id, created_at, name, external_id, rate_limit_per_minute, max_api_keys, max_targets)
  values ($1, $2, $3, $4, $5, $6, $7)`;

const LOCK = `
  select name, external_id as "externalId", rate_limit_per_minute as "rateLimitPerMinute", max_api_keys as "maxApiKeys",
         max_targets as "maxTargets"
    from organizations where id = $1 and deleted_at is null for update`;

const UPDATE = `
  update organizations
     set name = $2, external_id = $3, rate_limit_per_minute = $4, max_api_keys = $5, max_targets = $6
   where id = $1`;

const NAMED = 'select id from organizations where (id = $1 or external_id = $1) and deleted_at is null';
