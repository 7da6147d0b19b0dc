/** The log: a line of JSON per event on standard output. */
import { pino } from 'pino';
import type { Config } from '../config.ts';
import { redact } from '../domain/redact.ts';
import type { Log } from '../log-event.ts';

const LOG_BLOCK_BYTES = 8_192;
/** How late a line may be in the log, and so how much of it a kill -9 may lose. */
const LOG_DELAY_MS = 100;

/** Written in blocks: a write per attempt costs as much as its signature. */
export function createLogger({ logLevel }: Pick<Config, 'logLevel'>): Log {
  const output = pino.destination({ fd: 1, sync: false, minLength: LOG_BLOCK_BYTES });
  setInterval(() => output.flush(), LOG_DELAY_MS).unref();
  return pino({ level: logLevel, serializers: { err: describeError } }, output);
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
