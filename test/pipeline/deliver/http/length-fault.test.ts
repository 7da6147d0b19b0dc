import { describe, expect, test } from 'vitest';
import { spentCpuMs } from '../../../../src/domain/schemas/budget.ts';
import { lengthFault } from '../../../../src/pipeline/deliver/http/length-fault.ts';

const head = (...lines: string[]) => ['HTTP/1.1 200 OK', ...lines].join('\r\n');

describe('the length of a response', () => {
  const faults: [lines: string[], fault: string][] = [
    [['content-length: 2', 'Content-Length: 2'], 'sent the header Content-Length more than once: send it once'],
    [['content-length: 2', 'a: b', 'CONTENT-LENGTH:'], 'sent the header Content-Length more than once: send it once'],
    [
      ['Transfer-Encoding: chunked', 'Content-Length: 2'],
      'sent both Content-Length and Transfer-Encoding: send one of them',
    ],
    [
      ['content-length: 2, 2'],
      'sent a Content-Length that is not one number of bytes ("2, 2"): send decimal digits only',
    ],
    [
      ['content-length: \u0007"ü' + 'x'.repeat(100)],
      `sent a Content-Length that is not one number of bytes ("?\\"?${'x'.repeat(37)}"): send decimal digits only`,
    ],
  ];
  test.each(faults)('%j is refused, and the sentence says why', (lines, fault) => {
    expect(lengthFault(head(...lines))).toBe(fault);
  });

  test.each([
    [[]],
    [['content-length: 2']],
    [['content-length:18446744073709551615 ']],
    [['transfer-encoding: chunked']],
    [['x-content-length: 1', 'x-content-length: 2', ': content-length: 3', 'content-length']],
  ])('%j is right', (lines) => {
    expect(lengthFault(head(...lines))).toBeUndefined();
  });

  test('is looked for in time that grows with the head', () => {
    const text = head(...Array.from({ length: 2_000 }, () => `content-length:${' '.repeat(400)}x`));
    const startedMs = spentCpuMs();
    lengthFault(text);
    expect(spentCpuMs() - startedMs).toBeLessThan(500);
  });
});
