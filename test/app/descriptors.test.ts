import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { readDescriptorLimit, slotsWithin } from '../../src/app/descriptors.ts';
import { startProcess } from '../support/processes/start.ts';

const MODULE = new URL('../../src/app/descriptors.ts', import.meta.url).href;

test.skipIf(process.platform !== 'linux')('the limit of descriptors is that of the process', async () => {
  const script = `import(${JSON.stringify(MODULE)}).then((m) => console.log(m.readDescriptorLimit()))`;
  const child = startProcess('sh', ['-c', 'ulimit -n 300 && exec "$0" -e "$1"', process.execPath, script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
  expect(said).toBe('300\n');
});

test('where no limit can be read, none is known', () => {
  expect(readDescriptorLimit('/nowhere')).toBeUndefined();
});

test.each([
  [2_048, undefined, 2_048],
  [2_048, 1_048_576, 2_048],
  [2_048, 6_144, 2_048],
  [2_048, 1_024, 341],
  [128, 1_024, 128],
  [128, 1, 1],
])('of %i requests, %s descriptors allow %i', (concurrency, limit, slots) => {
  expect(slotsWithin(concurrency, limit)).toBe(slots);
});
