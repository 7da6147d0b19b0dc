/** The shape of a command, and how commands read their arguments. They return what they did; cli.ts alone prints it. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { parseDurationMs } from '../domain/setting.ts';
import type { UserError } from '../errors.ts';
import type { Authored } from '../manage/audit.ts';

export type Command = {
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What --help prints: usage, options, output, examples. */
  readonly help: string;
  run(args: string[], say: Say): Promise<CommandOutcome | void>;
};

/** A line for the person at the terminal, on standard error. */
export type Say = (line: string) => void;

export type CommandOutcome = {
  /** The value that is printed as JSON. */
  readonly result?: unknown;
  /** What is printed as it is, by a command that has no JSON to print. */
  readonly text?: string;
  /** What went wrong although the command ran, a line each: exit code 1. */
  readonly failures?: readonly string[];
};

/** The command line cannot be used: exit code 2, and nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command did not do what it was asked to, for a reason that needs no stack: exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** The author of a command's changes: the audit log names the command line, and the command. */
export const asCommand = (operation: string): Authored => ({ author: { actor: { kind: 'COMMAND_LINE' }, operation } });

type Shape<O extends ParseArgsOptionsConfig> = {
  readonly options?: O;
  /** Names of the arguments, for messages. An argument with `?` at the end may be left out. */
  readonly positionals?: readonly string[];
};

/** Throws a UsageError, or parseArgs's own error, for a command line of another shape. */
export function readArguments<O extends ParseArgsOptionsConfig = {}>(
  args: string[],
  { options, positionals: names = [] }: Shape<O> = {},
) {
  const parsed = parseArgs({ args, options: options ?? ({} as O), allowPositionals: true, strict: true });
  const { positionals } = parsed;
  const missing = names.find((name, index) => !name.endsWith('?') && positionals[index] === undefined);
  if (missing !== undefined) throw new UsageError(`Expected ${missing}.`);
  const extra = positionals[names.length];
  if (extra !== undefined) throw new UsageError(`Unexpected argument ${JSON.stringify(extra)}.`);
  return { values: parsed.values, positionals };
}

/** The value of an option, read by `parse`. An error of `parse` then names the option. */
export function readOption<T>(name: string, text: string | undefined, parse: (text: string) => T): T | undefined {
  if (text === undefined) return undefined;
  try {
    return parse(text);
  } catch (error) {
    throw new UsageError(`--${name}: ${(error as Error).message}`);
  }
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`expected a whole number, got ${JSON.stringify(text)}`);
  return Number(text);
}

/** Reads RFC 3339, or a day, which means its start in UTC. Undefined for any other text. */
export function parseTime(text: string): Date | undefined {
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const time = new Date(text);
  return isTime && !Number.isNaN(time.getTime()) ? time : undefined;
}

export const durationMs =
  (mostMs: number) =>
  (text: string): number => {
    const ms = parseDurationMs(text);
    if (ms > mostMs) throw new Error(`expected at most ${mostMs / 86_400_000}d, got ${JSON.stringify(text)}`);
    return ms;
  };

/** User errors of manage/, one line each. A field is named by the option that sets it. */
export function refusal(userErrors: readonly UserError[], options: Readonly<Record<string, string>> = {}): Error {
  const line = ({ field, message }: UserError) => {
    const name = field?.slice(1).join('.');
    return name === undefined ? message : `${options[name] ?? name}: ${message}`;
  };
  return new CommandError(userErrors.map(line).join('\n'));
}
