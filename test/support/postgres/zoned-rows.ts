/** A database of another time zone: rows as Prisma wrote them there, beside rows as SQL wrote them. */
import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../../../prisma/generated/client.ts';
import { createIdGenerator } from '../../../src/domain/ksuid.ts';
import { createManualClock } from '../clock.ts';
import { createTestDatabase } from '../database.ts';
import { createFixtures } from '../fixtures.ts';

/** A row as it was meant. */
export type Made = { readonly id: string; readonly createdAt: Date; readonly expiresAt: Date | null };

/** Sessions in the zone, as earlier releases had them there: Prisma writes on one pool, SQL on the other. */
export async function createZonedRows(zone: string) {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await createTestDatabase());
  const session = { connectionString: database.databaseUrl, options: `-c TimeZone=${zone}` };
  const prisma = new PrismaClient({ adapter: new PrismaPg(session) });
  stack.defer(() => prisma.$disconnect());
  const pool = new pg.Pool(session);
  stack.defer(() => pool.end());
  const clock = createManualClock();
  const idAt = (time: Date) =>
    createIdGenerator({ nowMs: () => time.getTime(), randomBytes: clock.randomBytes }).next();
  const { ids, ...fixtures } = createFixtures({ database: { pool }, clock });
  const { id: organizationId } = await fixtures.organization();

  return {
    database,
    zone,
    idAt,
    tools: { database, clock, ids },
    async prismaOrganization(time: string): Promise<Made> {
      const createdAt = new Date(time);
      const id = idAt(createdAt);
      await prisma.organization.create({ data: { id, name: 'by Prisma', createdAt } });
      return { id, createdAt, expiresAt: null };
    },
    async prismaKey(time: string, expires: string | null = null): Promise<Made> {
      const [createdAt, expiresAt] = [new Date(time), expires === null ? null : new Date(expires)];
      const id = idAt(createdAt);
      const hash = new Uint8Array(createHash('sha256').update(id).digest());
      const rest = { name: 'by Prisma', prefix: 'hk_prisma', hash, scopes: ['EVENTS_READ' as const] };
      await prisma.apiKey.create({ data: { id, organizationId, ...rest, createdAt, expiresAt } });
      return { id, createdAt, expiresAt };
    },
    async sqlKey(time: string, expires: string | null = null): Promise<Made> {
      const [createdAt, expiresAt] = [new Date(time), expires === null ? null : new Date(expires)];
      const fixtures = createFixtures({ database: { pool }, clock: { ...clock, now: () => createdAt } });
      return { ...(await fixtures.apiKey({ organizationId, createdAt, expiresAt })), createdAt, expiresAt };
    },
    /** As they are stored. */
    async keys(): Promise<Made[]> {
      const columns = 'id, created_at as "createdAt", expires_at as "expiresAt"';
      return (await database.pool.query(`select ${columns} from api_keys order by id`)).rows;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** The same, as they are stored. */
export const byId = (made: readonly Made[]): Made[] =>
  made.map(({ id, createdAt, expiresAt }) => ({ id, createdAt, expiresAt })).sort((a, b) => (a.id < b.id ? -1 : 1));
