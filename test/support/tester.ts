/** The author of changes in tests of manage/, where any author will do. */
import type { Authored } from '../../src/manage/audit.ts';

export const TESTER: Authored = { author: { actor: { kind: 'COMMAND_LINE' }, operation: 'test' } };
