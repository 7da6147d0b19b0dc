/** Which verdicts are tried again, in which company, when settling them fails. */
import pg from 'pg';
import { expect, test } from 'vitest';
import { OutcomeUnknown } from '../../../../src/database/commit.ts';
import type { Verdict } from '../../../../src/pipeline/deliver/judge.ts';
import { settlePieces } from '../../../../src/pipeline/deliver/settle/settle-pieces.ts';
import type { SettlerOptions } from '../../../../src/pipeline/deliver/settle/settle-options.ts';

const NOW = new Date('2026-01-15T10:30:00.000Z');

function databaseError(code: string): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError(`SQLSTATE ${code}`, 0, 'error'), { code, severity: 'ERROR' });
}

const verdict = (number: number): Verdict =>
  ({
    claim: {
      number,
      deliveryId: `d${number}`,
      targetId: 't',
      job: { id: `j${number}`, deliveryId: `d${number}`, retryCount: 0 },
    },
    result: { kind: 'response', status: 500, headers: { a: 'b' }, body: 'body', bodyTruncated: false },
    outcome: 'HTTP_ERROR',
    error: 'The target answered 500.',
  }) as unknown as Verdict;

const isBare = ({ result }: Verdict) =>
  result.kind === 'response' && result.body === '' && result.headers['a'] === undefined;

/** Settles the verdicts 1 to `count`. `refuse` returns the error of a try, if any. */
async function settle(count: number, refuse: (verdicts: readonly Verdict[], tries: number) => unknown) {
  const tries: string[] = [];
  const errors: unknown[] = [];
  const waits: number[] = [];
  const postponed: string[] = [];
  let commits = 0;
  const options = {
    clock: { now: () => NOW },
    queue: {
      postpone: async ({ id }: { id: string }, until: Date) => void postponed.push(`${id} ${until.toISOString()}`),
    },
    onCommit: () => void commits++,
    onError: (error: unknown) => void errors.push(error),
    backOff: async (failures: number) => void waits.push(failures),
  } as unknown as SettlerOptions;
  const attempt = async (verdicts: readonly Verdict[]) => {
    tries.push(verdicts.map((one) => `${one.claim.number}${isBare(one) ? ' bare' : ''}`).join(','));
    const error = refuse(verdicts, tries.length);
    if (error) throw error;
  };
  const verdicts = Array.from({ length: count }, (_, index) => verdict(index + 1));
  const settled = await settlePieces(options, attempt, verdicts);
  return { tries, errors, waits, postponed, settled, commits };
}

const holds = (verdicts: readonly Verdict[], number: number) => verdicts.some(({ claim }) => claim.number === number);

test.each([
  ['away', new Error('Connection terminated unexpectedly')],
  ['out of space', databaseError('53100')],
  ['starting', databaseError('57P03')],
  ['a standby', databaseError('25006')],
  ['without a table', databaseError('42P01')],
])('while Postgres is %s, all verdicts are tried again together, after ever longer waits', async (_name, error) => {
  const t = await settle(4, (_verdicts, tries) => tries < 4 && error);
  expect(t).toMatchObject({
    tries: Array(4).fill('1,2,3,4'),
    waits: [0, 1, 2],
    errors: [error, error, error],
    commits: 1,
  });
  expect(t.settled).toEqual([undefined, undefined, undefined, undefined]);
});

test('a deadlock is over at once and is no error', async () => {
  const t = await settle(2, (_verdicts, tries) => tries < 3 && databaseError('40P01'));
  expect(t).toMatchObject({ tries: ['1,2', '1,2', '1,2'], waits: [0, 0], errors: [] });
});

test('a commit whose outcome is unknown is tried again when the server has ended it', async () => {
  const ended = Promise.withResolvers<void>();
  let tries = 0;
  const settling = settle(2, () => tries++ === 0 && new OutcomeUnknown(new Error('lost'), ended.promise));
  await new Promise((resolve) => setImmediate(resolve));
  expect(tries).toBe(1);
  ended.resolve();
  expect(await settling).toMatchObject({ tries: ['1,2', '1,2'] });
});

test.each(['57014', '25P03'])('verdicts that take too long (%s) are tried again in halves, in order', async (code) => {
  const t = await settle(5, (verdicts) => verdicts.length > 2 && databaseError(code));
  expect(t.tries).toEqual(['1,2,3,4,5', '1,2,3', '1,2', '3', '4,5']);
  expect(t).toMatchObject({ commits: 3, waits: [] });
});

test('a single verdict that takes too long is tried until it is written', async () => {
  const t = await settle(1, (_verdicts, tries) => tries < 4 && databaseError('57014'));
  expect(t).toMatchObject({ tries: ['1', '1', '1', '1'], waits: [0, 1, 2], settled: [undefined] });
});

test.each(['22021', '23514', 'P0001', '54000', 'XX001'])(
  'the one verdict that Postgres refuses (%s) is found, and recorded without what its target answered',
  async (code) => {
    const t = await settle(
      8,
      (verdicts) => verdicts.some((one) => one.claim.number === 6 && !isBare(one)) && databaseError(code),
    );
    expect(t.tries).toEqual(['1,2,3,4,5,6,7,8', '1,2,3,4', '5,6,7,8', '5,6', '5', '6', '6 bare', '7,8']);
    expect(t.settled).toEqual(Array(8).fill(undefined));
    expect(t.errors).toMatchObject([
      { message: expect.stringMatching(/refuses attempt 6 of delivery d6 to target t: it is recorded without/) },
    ]);
    expect(t.postponed).toEqual([]);
  },
);

test('a verdict that is refused even then is given up, for later, and the others are settled', async () => {
  const t = await settle(3, (verdicts) => holds(verdicts, 2) && databaseError('23514'));
  expect(t.tries).toEqual(['1,2,3', '1,2', '1', '2', '2 bare', '3']);
  expect(t.settled).toEqual([undefined, expect.any(Error), undefined]);
  expect(t.settled[1]!.message).toContain('attempt 2 of delivery d2 to target t even without what the target answered');
  expect(t.postponed).toEqual(['j2 2026-01-15T10:35:00.000Z']);
});

test('a verdict that is alone while Postgres goes away is tried until it is back', async () => {
  const t = await settle(1, (verdicts, tries) => {
    if (!isBare(verdicts[0]!)) return databaseError('23514');
    return tries < 4 && new Error('Connection terminated unexpectedly');
  });
  expect(t).toMatchObject({ tries: ['1', '1 bare', '1 bare', '1 bare'], settled: [undefined], postponed: [] });
});
