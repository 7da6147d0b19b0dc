import { expect, test } from 'vitest';
import { stopParts } from '../../src/app/stop-parts.ts';
import { createLog } from '../support/log.ts';

/** Parts that note when they stop; those that are named fail at it. */
function setup({ failing }: { failing: readonly string[] }) {
  const parts = new AsyncDisposableStack();
  const stopped: string[] = [];
  for (const name of ['database', 'queue', 'worker', 'server']) {
    parts.defer(async () => {
      stopped.push(name);
      if (failing.includes(name)) throw new Error(`${name} does not stop`);
    });
  }
  const { logger, lines } = createLog();
  return { parts, stopped, logger, lines };
}

test('what started last stops first', async () => {
  const t = setup({ failing: [] });
  await stopParts(t.parts, t.logger);
  expect(t.stopped).toEqual(['server', 'worker', 'queue', 'database']);
  expect(t.lines).toEqual([]);
});

test('a part that fails to stop holds up no other, and each failure is a line of the log, in their order', async () => {
  const t = setup({ failing: ['server', 'queue', 'database'] });
  await stopParts(t.parts, t.logger);
  expect(t.stopped).toEqual(['server', 'worker', 'queue', 'database']);
  expect(t.lines).toMatchObject(
    ['server', 'queue', 'database'].map((name) => ({
      level: 50,
      msg: 'stop.failed',
      err: { message: `${name} does not stop` },
    })),
  );
});
