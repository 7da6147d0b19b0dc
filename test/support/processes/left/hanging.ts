/** A test that never ends. For reaper.test.ts, by vitest.config.ts beside it. */
import { beforeAll, test } from 'vitest';
import { leaveBehind } from './behind.ts';

beforeAll(leaveBehind, 60_000);

test('hangs', () => new Promise(() => {}));
