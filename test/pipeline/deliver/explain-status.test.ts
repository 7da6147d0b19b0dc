import { describe, expect, test } from 'vitest';
import { explainStatus } from '../../../src/pipeline/deliver/explain-status.ts';

describe('the sentence about a status', () => {
  test.each([301, 302, 303, 307, 308])('advises to give the target its final URL: %i', (status) => {
    const advice = 'redirects are not followed, so give the target its final URL.';
    expect(explainStatus(status)).toBe(`The target answered ${status}; ${advice}`);
  });

  test.each([
    [300, / 300 Multiple Choices, which leaves the choice/],
    [304, / 304 Not Modified, which fits no POST/],
    [305, / 305 Use Proxy, which is obsolete/],
    [306, / 306 \(Unused\), which has no meaning any more/],
  ])('of a 3xx that names no final URL is its own: %i', (status, own) => {
    const sentence = explainStatus(status);
    expect(sentence).toMatch(own);
    expect(sentence).not.toMatch(/final URL/);
    expect(sentence).toMatch(/; a 2xx status was expected\.$/);
  });

  test.each([309, 399, 400, 404, 500, 599, 999])('names any other status, and what was expected: %i', (status) => {
    expect(explainStatus(status)).toBe(`The target answered ${status}; a 2xx status was expected.`);
  });
});
