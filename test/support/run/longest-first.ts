/**
 * The order of test files: files that start processes and wait for them come first, so that a run does not wait for them
 * at its end. Among equals, the longest of the last run comes first, or the largest file where there was no run.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const LONG = /\/test\/(e2e|cli|upgrade)\//;

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}

const rank = ({ moduleId }: TestSpecification): number => (LONG.test(moduleId) ? 0 : 1);
