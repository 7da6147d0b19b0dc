import { loadConfig } from '../config.ts';
import { readArguments, type Command } from './command.ts';

export const migrateCommand: Command = {
  summary: 'bring the database up to date',
  help: `Usage: hookcast migrate

Applies the migrations that the database lacks, under a lock, and makes the tables of the queue; then exits. The service
does the same when it starts, if its role may. Where the service runs with a role that only reads and writes rows, run
this command with the role that owns the tables, before each new version starts.

Output: { "applied": [names of the migrations applied now] }

Example:
  DATABASE_URL=postgresql://… MASTER_KEY=… hookcast migrate`,
  async run(args, say) {
    readArguments(args);
    const { migrateDatabase } = await import('../app/tools.ts');
    return { result: { applied: await migrateDatabase(loadConfig(), say) } };
  },
};
