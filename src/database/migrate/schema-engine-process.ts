/** The process that applies migrations. It hears of one database, tells whether all went well, and ends. */
import { createDatabaseConnector } from '../connect/database-connection.ts';
import type { FromEngine, ToEngine } from './engine-messages.ts';
import { applyWithEngine } from './schema-engine.ts';

// The lock on migrations is the parent's: without the parent nothing may go on. PostgreSQL rolls back what was under way.
process.once('disconnect', () => process.exit(1));

process.once('message', ({ databaseUrl }: ToEngine) => {
  const tell = (reply: FromEngine) => process.send!(reply, () => process.exit(0));
  applyWithEngine(createDatabaseConnector(databaseUrl)).then(
    () => tell({ done: true }),
    (error: Error & { code?: string }) =>
      tell({ failure: { message: error.message, stack: error.stack, code: error.code } }),
  );
});
