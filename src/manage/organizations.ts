/** Organizations: the tenants. Who may create one is checked by the API. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import type { IdGenerator } from '../domain/ksuid.ts';
import { checkText } from '../domain/text.ts';
import { fail, succeed, type Result } from '../errors.ts';

export type Organizations = {
  /** REQUIRED, TOO_LONG or INVALID for a name that is not 1 to 128 characters of text. */
  create(input: { readonly name: string }): Promise<Result<{ organizationId: string }>>;
};

type Options = { readonly database: Database; readonly clock: Clock; readonly ids: IdGenerator };

const MAX_NAME = 128;

export function createOrganizations({ database, clock, ids }: Options): Organizations {
  return {
    async create({ name }) {
      const errors = checkText('name', name, { most: MAX_NAME, required: true });
      if (errors.length > 0) return fail(...errors);
      const id = ids.next();
      await database.prisma.organization.create({ data: { id, name, createdAt: clock.now() } });
      return succeed({ organizationId: id });
    },
  };
}
