#!/usr/bin/env node
/**
 * `hookcast <command>`. A command writes its result as one JSON document to standard output, and lines for people to standard
 * error. Exit codes: 0 done, 1 not done, 2 the command line cannot be used.
 */
import './app/older-node.ts';
import { explainFailure } from './app/explain-failure.ts';
import { CommandError, UsageError, type CommandOutcome } from './cli/command.ts';
import { COMMANDS, loadCommands } from './cli/commands.ts';

const explainUsage = async (): Promise<string> => `Usage: hookcast <command> [options]

Commands:
${[...(await loadCommands())].map(([name, { summary }]) => `  ${name.padEnd(23)}${summary}`).join('\n')}

hookcast <command> --help shows the options of a command, its output and examples.

Settings come from the environment, as for the service; src/app/README.md lists them. Without DATABASE_URL, commands work with
the local PostgreSQL in DATA_DIR: that of the running service, or, when none runs, one that is started for the moment.

Output: the result is one JSON document on standard output (serve writes its log, demo text, completion a script,
listen and deliveries --follow a line for each request or change); lines for people go to standard error.
Exit codes: 0 done; 1 not done, standard error says why; 2 the command line cannot be used, and nothing was done.`;

await run(process.argv.slice(2));

async function run(words: string[]): Promise<void> {
  const isHelp = words.some((word) => word === '--help' || word === '-h') || words[0] === 'help';
  const named = words.filter((word) => !word.startsWith('-') && word !== 'help');
  const name = [2, 1].map((count) => named.slice(0, count).join(' ')).find((name) => COMMANDS.has(name));
  const command = await COMMANDS.get(name ?? '')?.();
  if (isHelp) return finish(0, command?.help ?? (await explainUsage()));
  if (name === undefined || !command || !words.join(' ').startsWith(name)) return finish(2, '', await unknown(words));
  try {
    const outcome = await command.run(words.slice(name.split(' ').length), (line) => console.error(line));
    if (outcome) await finishWith(outcome);
  } catch (error) {
    const { isUsage, text } = explain(error as Error & { code?: unknown });
    await finish(isUsage ? 2 : 1, '', isUsage ? `${text}\nhookcast ${name} --help shows how it is used.` : text);
  }
}

function finishWith({ result, text, failures = [] }: CommandOutcome): Promise<void> {
  const written = text ?? JSON.stringify(result, null, 2) ?? '';
  return finish(failures.length > 0 ? 1 : 0, written, failures.join('\n'));
}

function explain(error: Error & { code?: unknown }): { isUsage: boolean; text: string } {
  const isUsage = error instanceof UsageError || String(error.code).startsWith('ERR_PARSE_ARGS');
  // A plain error without a code is ours, and its message says what to do.
  const isOurs = error instanceof CommandError || (error.name === 'Error' && error.code === undefined);
  if (isUsage || isOurs) return { isUsage, text: error.message };
  return { isUsage, text: explainFailure(error as NodeJS.ErrnoException) };
}

async function unknown(words: readonly string[]): Promise<string> {
  const usage = await explainUsage();
  if (words.length === 0) return `No command given.\n\n${usage}`;
  return `Unknown command ${JSON.stringify(words.slice(0, 2).join(' '))}.\n\n${usage}`;
}

/** Ends the process when everything is written, although parts that a command opened may still be closing. */
async function finish(exitCode: number, result: string, forPeople = ''): Promise<void> {
  if (forPeople !== '') console.error(forPeople);
  if (result !== '') await new Promise((written) => process.stdout.write(`${result}\n`, written));
  process.exit(exitCode);
}
