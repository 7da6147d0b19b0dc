/**
 * Lets a platform admin act in the organization that a request names. Its reach narrows to that organization for the whole
 * request, so that a person who looks into one customer's organization cannot change another one's rows by a wrong id.
 */
import { createBatch } from '../database/batch.ts';
import type { Database } from '../database/client.ts';
import { quote } from '../domain/text.ts';
import { RequestError } from '../errors.ts';
import type { Caller } from './caller.ts';

/**
 * The caller as it acts in the organization with this id or external id. Throws FORBIDDEN for a caller that is no platform
 * admin, and BAD_USER_INPUT when there is no such organization. Rejects when the database does.
 */
export type ActIn = (caller: Caller, organization: string) => Promise<Caller>;

const MOST_AT_ONCE = 100;
/** What can be an id or an external id. Nothing else is asked for. */
const NAME = /^[\x20-\x7e]{1,255}$/;

export function createActIn({ reads }: Pick<Database, 'reads'>): ActIn {
  const ids = createBatch<string, string | null>({
    parallel: 1,
    maxWeight: MOST_AT_ONCE,
    weigh: () => 1,
    async run(names) {
      const { rows } = await reads.query<{ name: string; id: string }>({ ...FIND, values: [names] });
      const found = new Map(rows.map(({ name, id }) => [name, id]));
      return names.map((name) => found.get(name) ?? null);
    },
  });

  return async (caller, organization) => {
    if (!caller.isPlatformAdmin) throw notAdmin();
    const id = NAME.test(organization) ? await ids.add(organization) : null;
    if (id === null) throw noSuchOrganization(organization);
    return actingIn(caller, id);
  };
}

/** The caller of an API key, acting in an organization. */
const actingIn = (caller: Caller, organizationId: string): Caller =>
  Object.freeze({ ...caller, organizationId, actsFrom: caller.organizationId });

const notAdmin = (): RequestError =>
  new RequestError(
    'FORBIDDEN',
    'To name the organization to act in (X-Organization-Id) needs the scope PLATFORM_ADMIN, which this API key does not ' +
      'have. Leave it out: an API key acts in its own organization.',
    { requiredScopes: ['PLATFORM_ADMIN'] },
  );

const noSuchOrganization = (name: string): RequestError =>
  new RequestError(
    'BAD_USER_INPUT',
    `Expected the id or the externalId of an organization in X-Organization-Id, got ${quote(name)}, which no organization has.`,
  );

const FIND = {
  name: 'find_acted_organizations',
  text: `
  select named.name, o.id
    from unnest($1::text[]) as named (name) join organizations o
      on (o.id = named.name or o.external_id = named.name) and o.deleted_at is null`,
};
