/** What the options of `hookcast listen` mean. */
import { parseDurationMs } from '../../domain/setting.ts';
import { checkTargetHeaders, type TargetHeader } from '../../domain/targets/headers/target-header.ts';
import { parseTime, readArguments, readOption, UsageError } from '../command.ts';
import { readJsonOption } from '../service/read-json-option.ts';
import { SERVICE_OPTIONS } from '../service/service-access.ts';
import { FORWARDED_HEADER } from './forward.ts';
import { readReceiverUrl } from './receiver-url.ts';
import { OUTPUTS, type OutputForm } from './report.ts';

export type ListenOptions = {
  readonly receiver: URL;
  /** Names and patterns of event types; undefined: all. */
  readonly eventTypes: readonly string[] | undefined;
  /** A PayloadFilterInput; the service checks it. */
  readonly payload: unknown;
  readonly customerId: string | undefined;
  readonly begin: Begin;
  readonly headers: Readonly<Record<string, string>>;
  readonly concurrency: number;
  readonly output: OutputForm;
  readonly allowExternal: boolean;
};

/** Where to begin: SAVED means where the last listener of this kind stopped, and now when there was none. */
export type Begin =
  | { readonly at: 'SAVED' }
  | { readonly at: 'CURSOR'; readonly cursor: string }
  /** `since` of the present time; null: now. */
  | { readonly at: 'TIME'; readonly since: (now: Date) => Date | null };

const MAX_CONCURRENCY = 256;

const OPTIONS = {
  ...SERVICE_OPTIONS,
  events: { type: 'string', multiple: true },
  filter: { type: 'string' },
  customer: { type: 'string' },
  after: { type: 'string' },
  since: { type: 'string' },
  header: { type: 'string', multiple: true },
  path: { type: 'string' },
  concurrency: { type: 'string', default: '1' },
  output: { type: 'string', default: 'pretty' },
  'allow-external': { type: 'boolean', default: false },
  'print-secret': { type: 'boolean', default: false },
} as const;

/** The arguments as they stand. Throws a UsageError for others. */
export const readListenArguments = (args: string[]) =>
  readArguments(args, { options: OPTIONS, positionals: ['PORT|URL?'] });

type Arguments = ReturnType<typeof readListenArguments>;

/** Throws a UsageError that names the option at fault. */
export function readListenOptions({ values, positionals: [receiver] }: Arguments): ListenOptions {
  if (receiver === undefined) throw new UsageError('Expected PORT|URL: the receiver to forward to, such as 3000.');
  if (values.after !== undefined && values.since !== undefined) {
    throw new UsageError('Expected --after or --since, got both.');
  }
  return {
    receiver: readReceiverUrl(receiver, { path: values.path, allowExternal: values['allow-external'] }),
    eventTypes: values.events?.flatMap((text) => text.split(',')).map((name) => name.trim()),
    payload: readOption('filter', values.filter, readJsonOption),
    customerId: values.customer,
    begin: readBegin(values),
    headers: readHeaders(values.header ?? []),
    concurrency: readOption('concurrency', values.concurrency, readConcurrency)!,
    output: readOption('output', values.output, readOutput)!,
    allowExternal: values['allow-external'],
  };
}

function readBegin({ after, since }: Arguments['values']): Begin {
  if (after !== undefined) return { at: 'CURSOR', cursor: after };
  const time = readOption('since', since, parseSince);
  return time ? { at: 'TIME', since: time } : { at: 'SAVED' };
}

function parseSince(text: string): (now: Date) => Date | null {
  if (text === 'now') return () => null;
  if (/^\d+[a-z]+$/.test(text)) {
    const ms = parseDurationMs(text);
    return (now) => new Date(now.getTime() - ms);
  }
  const time = parseTime(text);
  if (time) return () => time;
  const examples = 'a time such as 2027-01-31T00:00:00Z, a duration such as 10m, or now';
  throw new Error(`expected ${examples}, got ${JSON.stringify(text)}`);
}

/** The rules are those of a target's own headers. The brand of the service is not known yet: see checkBrand. */
function readHeaders(lines: readonly string[]): Readonly<Record<string, string>> {
  const headers = lines.map((line) => {
    const [, name, value] = /^([^:]*):(.*)$/s.exec(line) ?? [];
    if (name === undefined) throw new UsageError('--header: expected NAME: VALUE, got a text without a colon');
    return { name: name.trim(), value: value!.trim() };
  });
  const ours = headers.find(({ name }) => name.toLowerCase() === FORWARDED_HEADER.toLowerCase());
  if (ours) throw new UsageError(`--header: ${FORWARDED_HEADER} is sent with every request from here. Leave it out.`);
  refuseReserved(headers, undefined);
  return Object.fromEntries(headers.map(({ name, value }) => [name, value]));
}

/** Throws a UsageError where a header of --header is one of the service: in another case it would be sent twice. */
export const checkBrand = (headers: Readonly<Record<string, string>>, brand: string): void =>
  refuseReserved(
    Object.entries(headers).map(([name, value]) => ({ name, value })),
    brand,
  );

function refuseReserved(headers: readonly TargetHeader[], brand: string | undefined): void {
  const errors = checkTargetHeaders(headers, brand);
  if (errors.length > 0) throw new UsageError(errors.map(({ message }) => `--header: ${message}`).join('\n'));
}

function readConcurrency(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= MAX_CONCURRENCY) return count;
  throw new Error(`expected a whole number from 1 to ${MAX_CONCURRENCY}, got ${JSON.stringify(text)}`);
}

function readOutput(text: string): OutputForm {
  const form = OUTPUTS.find((name) => name === text);
  if (form) return form;
  throw new Error(`expected one of ${OUTPUTS.join(', ')}, got ${JSON.stringify(text)}`);
}
