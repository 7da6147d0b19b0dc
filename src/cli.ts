#!/usr/bin/env node
/** `hookcast <command>`: argument parsing only. */
import { parseArgs } from 'node:util';
import { ConfigError, loadConfig } from './config.ts';

const USAGE = `Usage: hookcast <command>

Commands:
  serve            run the service (the same as npm start)
  migrate          bring the database of DATABASE_URL up to date, then exit
  demo [--once] [--port N]
                   run the service with a local receiver and show deliveries live; --once proves it and exits

Settings come from the environment; the README lists them.
Exit codes: 0 success, 1 failure, 2 wrong usage.`;

type Command = (args: string[]) => Promise<void>;

const commands: Readonly<Record<string, Command>> = {
  serve: async (args) => {
    parseArgs({ args, options: {} });
    await import('./main.ts');
  },
  migrate: async (args) => {
    parseArgs({ args, options: {} });
    const { databaseUrl } = loadConfig();
    if (databaseUrl === undefined) throw new ConfigError(['DATABASE_URL: required by migrate']);
    const { migrate } = await import('./database/migrate.ts');
    const applied = await migrate(databaseUrl);
    console.log(JSON.stringify({ applied }));
    process.exit(0);
  },
  demo: async (args) => {
    const options = { once: { type: 'boolean', default: false }, port: { type: 'string', default: '4000' } } as const;
    const { values } = parseArgs({ args, options });
    const { runDemo } = await import('./demo.ts');
    await runDemo({ once: values.once, port: loadConfig({ PORT: values.port }).port });
  },
};

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (name === '--help' || name === 'help' || args.includes('--help')) {
  console.log(USAGE);
} else if (!command) {
  console.error(`${name === '' ? 'No command given' : `Unknown command ${JSON.stringify(name)}`}.\n\n${USAGE}`);
  process.exit(2);
} else {
  command(args).catch((error: Error & { code?: unknown }) => {
    const isUsage = String(error.code).startsWith('ERR_PARSE_ARGS');
    console.error(isUsage || error instanceof ConfigError ? error.message : error.stack);
    process.exit(isUsage ? 2 : 1);
  });
}
