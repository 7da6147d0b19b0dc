import { expect, test } from 'vitest';
import { examplesNotShown } from './support/examples/shown.ts';

test('the README shows the example clients word for word', async () => {
  expect(await examplesNotShown()).toEqual([]);
});
