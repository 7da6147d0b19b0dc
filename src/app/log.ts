/** The log: a line of JSON per event on standard output. */
import { pino, type Logger } from 'pino';
import type { Config } from '../config.ts';
import { redact } from '../domain/redact.ts';

const LOG_BLOCK_BYTES = 8_192;
/** How late a line may be in the log, and what a kill -9 may cost of it. */
const LOG_DELAY_MS = 100;

/** Written in blocks: a write per attempt costs as much as its signature. */
export function createLogger({ logLevel }: Pick<Config, 'logLevel'>): Logger {
  const output = pino.destination({ fd: 1, sync: false, minLength: LOG_BLOCK_BYTES });
  setInterval(() => output.flush(), LOG_DELAY_MS).unref();
  return pino({ level: logLevel, serializers: { err: describeError } }, output);
}

/**
 * What of an error is logged. Not its other properties: Postgres puts whole rows into `detail`, so payloads and sealed
 * secrets; others carry requests with their headers. And no key or secret that a client put where it does not belong.
 */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error))
    return { message: typeof error === 'string' ? redact(error) : `a thrown ${typeof error}` };
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  return {
    ...{ type: name, message: redact(message), stack: redact(stack ?? '') },
    ...(typeof code === 'string' ? { code } : {}),
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}
