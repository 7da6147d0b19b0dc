import { readArguments, type Command } from './command.ts';

export const serveCommand: Command = {
  summary: 'run the service (the same as npm start)',
  help: `Usage: hookcast serve

Runs the service until SIGTERM or SIGINT, then stops it in order; a second signal forces. Brings the database up to date
first. Writes its log to standard output, a JSON object per line.

Example:
  DATABASE_URL=postgresql://… MASTER_KEY=… hookcast serve`,
  async run(args) {
    readArguments(args);
    await import('../main.ts');
  },
};
