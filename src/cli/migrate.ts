import { loadConfig } from '../config.ts';
import { readArguments, type Command } from './command.ts';

export const migrate: Command = {
  summary: 'bring the database up to date',
  help: `Usage: hookcast migrate

Applies the migrations that the database lacks, under a lock, then exits. The service does the same when it starts.

Output: { "applied": [names of the migrations applied now] }

Example:
  DATABASE_URL=postgresql://… MASTER_KEY=… hookcast migrate`,
  async run(args) {
    readArguments(args);
    const { migrateDatabase } = await import('../app/tools.ts');
    return { result: { applied: await migrateDatabase(loadConfig()) } };
  },
};
