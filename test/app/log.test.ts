import { pino, type Logger } from 'pino';
import { expect, test } from 'vitest';
import { describeError, writeLinesAtOnce } from '../../src/app/log.ts';

test('an error is logged by type, message, code, stack and cause, without what Postgres or a request adds to it', () => {
  const cause = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (body)=(secret) exists' });
  const error = Object.assign(new TypeError('failed', { cause }), { headers: { authorization: 'secret' } });
  const described = describeError(error);
  expect(described).toMatchObject({ type: 'TypeError', message: 'failed', cause: { code: '23505' } });
  expect(JSON.stringify(described)).not.toContain('secret');
});

test('a secret in a message or stack is not logged', () => {
  const secret = `whsec_${'A'.repeat(32)}`;
  expect(JSON.stringify(describeError(new Error(`bad secret ${secret}`)))).not.toContain(secret);
  expect(describeError(`bad secret ${secret}`)).not.toEqual({ message: `bad secret ${secret}` });
});

test('a copy of an error, as pg-boss hands it on, is logged like the error', () => {
  const error = new Error('connect ECONNREFUSED');
  const copy = { ...error, message: error.message, stack: error.stack, code: 'ECONNREFUSED', detail: 'secret' };
  expect(describeError(copy)).toEqual({ type: 'object', message: error.message, stack: error.stack, code: copy.code });
});

test('what is thrown and no error is not logged as it is', () => {
  expect(describeError({ apiKey: 'secret' })).toEqual({ message: 'a thrown object' });
});

test('a line is written as pino writes it, with and without an error', () => {
  const write = (change: (logger: Logger) => Logger): string[] => {
    const lines: string[] = [];
    const output = { write: (line: string) => void lines.push(line) };
    const options = { timestamp: () => ',"time":1700000000000', serializers: { err: describeError } };
    const logger = change(pino(options, output));
    logger.info(FIELDS, 'delivery.attempted');
    logger.warn({}, 'service.stopped');
    logger.error({ err: new Error('lost'), ...FIELDS }, 'worker.error');
    logger.child({ part: 'worker' }).info(FIELDS, 'delivery.attempted');
    return lines.map((line) => line.replace(/"stack":"[^"]*"/, ''));
  };
  expect(write(writeLinesAtOnce)).toEqual(write((logger) => logger));
});

/** Of every kind that a field may have. */
const FIELDS = {
  urlHost: 'a"b\\c\u0000é\u2028',
  number: 1,
  error: null,
  resent: true,
  traceId: undefined,
  nextAttemptAt: new Date(1_700_000_000_000),
  durationMs: Number.NaN,
  migrations: ['first', 'second'],
  nested: { some: 'thing' },
};
