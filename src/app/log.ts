/** The log: a line of JSON per event on standard output. */
import { pino, type Logger } from 'pino';
import type { Config } from '../config.ts';
import { redact } from '../domain/redact.ts';
import type { Log } from '../log-event.ts';

const LOG_BLOCK_BYTES = 8_192;
/** How late a line may be in the log, and so how much of it a kill -9 may lose. */
const LOG_DELAY_MS = 100;

/** A log of which the lines so far can be waited for. */
export type WrittenLog = Log & Pick<Logger, 'flush'>;

/**
 * Written in blocks: a write per attempt costs as much as its signature. A process that exits while a block is being written
 * writes the later lines first: `flush` before.
 */
export function createLogger({ logLevel }: Pick<Config, 'logLevel'>): WrittenLog {
  const output = pino.destination({ fd: 1, sync: false, minLength: LOG_BLOCK_BYTES, contentMode: 'buffer' });
  takeText(output);
  setInterval(() => output.flush(), LOG_DELAY_MS).unref();
  return writeLinesAtOnce(pino({ level: logLevel, serializers: { err: describeError } }, output));
}

/**
 * A block is kept as bytes. As text it would be copied whole for each line that is added, to count its bytes: some
 * 8 KB for each attempt.
 */
function takeText(output: ReturnType<typeof pino.destination>): void {
  const write = output.write.bind(output) as unknown as (line: Buffer) => boolean;
  output.write = (line) => write(Buffer.from(line));
}

const asJsonSym: typeof pino.symbols.asJsonSym = pino.symbols.asJsonSym;
const chindingsSym: typeof pino.symbols.chindingsSym = pino.symbols.chindingsSym;
/** What pino.symbols name. */
type Internals = {
  [asJsonSym]: (this: Internals, fields: object, message: string, level: number, time: string) => string;
  readonly [chindingsSym]: string;
};

/**
 * Lines without an error are written by JSON.stringify. pino puts a line together from some hundred pieces, which was a
 * fifth of all that an attempt allocates. The lines are the same.
 */
export function writeLinesAtOnce(logger: Logger): Logger {
  const internals = logger as unknown as Internals;
  const writePieces = internals[asJsonSym];
  internals[asJsonSym] = function (fields, message, level, time) {
    if ('err' in fields) return writePieces.call(this, fields, message, level, time);
    const written = JSON.stringify(fields);
    const own = written === '{}' ? '' : `,${written.slice(1, -1)}`;
    return `{"level":${level}${time}${this[chindingsSym]}${own},"msg":${JSON.stringify(message)}}\n`;
  };
  return logger;
}

/**
 * The parts of an error that are logged. Other properties are left out: Postgres puts whole rows into `detail`, with payloads
 * and sealed secrets, and others carry requests with their headers. Keys and secrets in its texts are redacted.
 */
export function describeError(error: unknown): unknown {
  if (typeof error === 'string') return { message: redact(error) };
  // pg-boss hands on copies of errors, which are plain objects.
  const { name, message, stack, cause, code } = Object(error) as Partial<Error> & { code?: unknown };
  if (typeof message !== 'string') return { message: `a thrown ${typeof error}` };
  return {
    type: name ?? typeof error,
    message: redact(message),
    stack: redact(stack ?? ''),
    ...(typeof code === 'string' ? { code } : {}),
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}
