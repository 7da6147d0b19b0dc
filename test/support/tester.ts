/** Who changes settings in tests of manage/, where it does not matter who. */
import type { Authored } from '../../src/manage/audit.ts';

export const TESTER: Authored = { author: { actor: { kind: 'COMMAND_LINE' }, operation: 'test' } };
