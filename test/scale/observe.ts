/** A Database that explains every statement before it runs it, in a transaction that is rolled back. */
import type pg from 'pg';
import type { Database } from '../../src/database/client.ts';
import type { Readings } from '../../src/database/read/readings.ts';
import type { Sql, Statement } from '../../src/database/statement.ts';
import { explain, type Plan } from './explain.ts';

type Asked = string | { readonly name?: string; readonly text: string; readonly values?: unknown[] };

const toStatement = (asked: Asked, values: unknown[] = []) =>
  typeof asked === 'string'
    ? { name: undefined, text: asked, values }
    : { name: asked.name, text: asked.text, values: asked.values ?? values };

/** Readings without a snapshot: each statement is explained, and run, by itself. */
const apart = (pool: pg.Pool): Readings => ({
  join: () => ({
    claimedJobs: 'select null::uuid as id where false',
    query: (statement) => pool.query(statement),
    schedule: (load) => void Promise.resolve().then(() => process.nextTick(load)),
    leave: () => {},
  }),
});

export function observe(database: Database, onPlan: (plan: Plan) => void): Database {
  const note = async (client: pg.ClientBase, statement: ReturnType<typeof toStatement>, isKept: boolean) => {
    for (const plan of await explain(client, statement, isKept)) onPlan(plan);
  };

  /** One after another, each seeing what those before it did. */
  async function explainAll(statements: readonly ReturnType<typeof toStatement>[]): Promise<void> {
    const client = await database.pool.connect();
    try {
      await client.query('begin');
      for (const statement of statements) await note(client, statement, true);
    } finally {
      await client.query('rollback');
      client.release();
    }
  }

  const query = async (asked: Asked, values?: unknown[]) => {
    await explainAll([toStatement(asked, values)]);
    return database.pool.query(asked as pg.QueryConfig, values);
  };
  const pool = new Proxy(database.pool, {
    get: (target, property) => (property === 'query' ? query : Reflect.get(target, property, target)),
  });

  return {
    pool,
    reads: pool,
    heartbeat: database.heartbeat,
    prisma: database.prisma,
    readings: apart(pool),
    connector: database.connector,
    close: database.close,
    isRefusing: database.isRefusing,
    async transact(statements: readonly Statement[], options) {
      await explainAll(statements);
      return database.transact(statements, options);
    },
    async readTogether(reads) {
      await explainAll(reads);
      return database.readTogether(reads);
    },
    transaction: (work) =>
      database.transaction((tx) => {
        // In turn: what the product sends at once would come between a savepoint and its rollback.
        let before: Promise<unknown> = Promise.resolve();
        const observed: Sql['query'] = ((asked: Asked, values?: unknown[]) => {
          const run = before.then(async () => {
            await note(tx, toStatement(asked, values), false);
            return tx.query(asked as pg.QueryConfig, values);
          });
          before = run.catch(() => {});
          return run;
        }) as unknown as Sql['query'];
        return work(
          new Proxy(tx, { get: (target, key) => (key === 'query' ? observed : Reflect.get(target, key, target)) }),
        );
      }),
  };
}
