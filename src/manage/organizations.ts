/** Organizations: the tenants. Who may create one is checked by the API. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { remember, type Effect } from '../database/effect.ts';
import type { IdGenerator } from '../domain/ksuid.ts';
import { checkText } from '../domain/text.ts';
import { fail, succeed, type Result } from '../errors.ts';

export type Organizations = {
  /** REQUIRED, TOO_LONG or INVALID for a name that is not 1 to 128 characters of text. */
  create(input: { readonly name: string }, effect?: Effect): Promise<Result<{ organizationId: string }>>;
};

type Options = { readonly database: Database; readonly clock: Clock; readonly ids: IdGenerator };

const MAX_NAME = 128;

export function createOrganizations({ database, clock, ids }: Options): Organizations {
  return {
    async create({ name }, effect) {
      const errors = checkText('name', name, { most: MAX_NAME, required: true });
      if (errors.length > 0) return fail(...errors);
      const id = ids.next();
      return database.transaction(async (tx) => {
        await tx.query(INSERT, [id, name, clock.now()]);
        return succeed(await remember(tx, effect, { organizationId: id }));
      });
    },
  };
}

const INSERT = 'insert into organizations (id, name, created_at) values ($1, $2, $3)';
