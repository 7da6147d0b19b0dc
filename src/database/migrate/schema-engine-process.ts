/** The process that applies migrations. It hears of one database, tells what it applied, and ends. */
import { createConnector } from '../connect/connection.ts';
import type { ToEngine, FromEngine } from './apply-migrations.ts';
import { applyMigrations } from './schema-engine.ts';

// The lock on migrations is the parent's: without the parent nothing may go on. PostgreSQL rolls back what was under way.
process.once('disconnect', () => process.exit(1));

process.once('message', ({ databaseUrl }: ToEngine) => {
  const tell = (reply: FromEngine) => process.send!(reply, () => process.exit(0));
  applyMigrations(createConnector(databaseUrl)).then(
    (applied) => tell({ applied }),
    (error: Error) => tell({ failure: { message: error.message, stack: error.stack } }),
  );
});
