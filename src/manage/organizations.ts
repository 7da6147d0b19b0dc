/** Organizations: the tenants. Who may create or change one is checked by the API. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { remember, type Effect } from '../database/effect.ts';
import { isId, type IdGenerator } from '../domain/ksuid.ts';
import { checkText } from '../domain/text.ts';
import { fail, succeed, userError, type Result, type UserError } from '../errors.ts';
import { notFound } from './reach.ts';

type CreateInput = {
  readonly name: string;
  /** Operations of all its API keys together. Null and undefined: the default of the deployment. */
  readonly rateLimitPerMinute?: number | null | undefined;
};

/** What is undefined stays as it is. */
type UpdateInput = {
  readonly id: string;
  readonly name?: string | null | undefined;
  readonly rateLimitPerMinute?: number | null | undefined;
};

export type Organizations = {
  /** A name is 1 to 128 characters of text, a rate limit 1 to 10,000,000. REQUIRED, TOO_LONG, INVALID. */
  create(input: CreateInput, effect?: Effect): Promise<Result<{ organizationId: string }>>;
  /** The same errors as create, and NOT_FOUND. A new rate limit counts within 2 seconds in every process. */
  update(input: UpdateInput, effect?: Effect): Promise<Result<{ organizationId: string }>>;
};

type Options = { readonly database: Database; readonly clock: Clock; readonly ids: IdGenerator };

const MAX_NAME = 128;
const MAX_RATE_LIMIT = 10_000_000;

export function createOrganizations({ database, clock, ids }: Options): Organizations {
  return {
    async create({ name, rateLimitPerMinute: limit }, effect) {
      const errors = [...checkName(name), ...checkRateLimit(limit)];
      if (errors.length > 0) return fail(...errors);
      const id = ids.next();
      return database.transaction(async (tx) => {
        await tx.query(INSERT, [id, name, clock.now(), limit ?? null]);
        return succeed(await remember(tx, effect, { organizationId: id }));
      });
    },

    async update({ id, name, rateLimitPerMinute: limit }, effect) {
      const errors = [...(name === undefined ? [] : checkName(name ?? '')), ...checkRateLimit(limit)];
      if (!isId(id)) errors.unshift(notFound('organization', id));
      if (errors.length > 0) return fail(...errors);
      return database.transaction<Result<{ organizationId: string }>>(async (tx) => {
        const { rowCount } = await tx.query(UPDATE, [id, name ?? null, limit !== undefined, limit ?? null]);
        if (rowCount === 0) return fail(notFound('organization', id));
        return succeed(await remember(tx, effect, { organizationId: id }));
      });
    },
  };
}

const checkName = (name: string): UserError[] => checkText('name', name, { most: MAX_NAME, required: true });

function checkRateLimit(limit: number | null | undefined): UserError[] {
  if (limit == null || (Number.isInteger(limit) && limit >= 1 && limit <= MAX_RATE_LIMIT)) return [];
  const expected = `Expected 1 to ${MAX_RATE_LIMIT} operations per minute, or null for the default, got ${limit}.`;
  return [userError('INVALID', 'rateLimitPerMinute', expected)];
}

const INSERT = `
  insert into organizations (id, name, created_at, rate_limit_per_minute) values ($1, $2, $3, $4)`;

const UPDATE = `
  update organizations
     set name = coalesce($2, name), rate_limit_per_minute = case when $3 then $4 else rate_limit_per_minute end
   where id = $1`;
