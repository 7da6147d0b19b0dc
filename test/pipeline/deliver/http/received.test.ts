/** The bytes of a response before the HTTP client sees them: which are changed, whatever the pieces they come in. */
import { describe, expect, test } from 'vitest';
import { createReceived } from '../../../../src/pipeline/deliver/http/received.ts';

/** What the client gets of the text, in pieces of that size. */
function pass(text: string, size: number): string {
  const received = createReceived();
  const bytes = Buffer.from(text, 'latin1');
  const passed: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const piece = Buffer.from(bytes.subarray(at, at + size));
    received.take(piece);
    passed.push(piece);
  }
  expect(received.bytes).toBe(bytes.length);
  return Buffer.concat(passed).toString('latin1');
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const PROCESSING = 'HTTP/1.1 102 Continue\r\n\r\n';

const changed: [what: string, text: string, expected: string][] = [
  ['one 100', CONTINUE + OK, PROCESSING + OK],
  ['several', CONTINUE + '\r\n' + CONTINUE + OK, PROCESSING + '\r\n' + PROCESSING + OK],
  [
    '102, 103 and 199',
    `HTTP/1.1 103 A\r\n\r\nHTTP/1.1 199 B\r\n\r\n${CONTINUE}`,
    `HTTP/1.1 103 A\r\n\r\nHTTP/1.1 199 B\r\n\r\n${PROCESSING}`,
  ],
  [
    'names of interim headers',
    `HTTP/1.1 100\r\nConnection: close\r\nb: HTTP/1.1 100\r\n\r\n${OK}`,
    `HTTP/1.1 102\r\nxonnection: close\r\nx: HTTP/1.1 100\r\n\r\n${OK}`,
  ],
  [
    'what is no name',
    'HTTP/1.1 100\r\n folded: a\r\n:\r\n\r\r\n\r\n' + OK,
    'HTTP/1.1 102\r\n folded: a\r\n:\r\n\r\r\n\r\n' + OK,
  ],
];
const unchanged: [what: string, text: string][] = [
  ['an answer', OK],
  ['an answer that speaks of a 100', `HTTP/1.1 200 HTTP/1.1 100\r\na: 100\r\nHTTP/1.1 100 Continue\r\n\r\n${CONTINUE}`],
  ['a 101', `HTTP/1.1 101 Switching\r\nconnection: upgrade\r\n\r\n${CONTINUE}`],
  ['another protocol', `220 smtp\r\n${CONTINUE}`],
  ['nearly a 100', `HTTP/1.1  100 Continue\r\n\r\n${CONTINUE}`],
  ['lower case', 'http/1.1 100 Continue\r\n\r\n'],
];

describe.each([1, 2, 3, 7, 1_024])('in pieces of %i bytes', (size) => {
  test.each(changed)('%s: a 100 becomes a 102, and a name begins with x', (_what, text, expected) => {
    expect(pass(text, size)).toBe(expected);
  });
  test.each(unchanged)('%s is left as it is', (_what, text) => {
    expect(pass(text, size)).toBe(text);
  });
});

test('each response begins anew', () => {
  const received = createReceived();
  received.take(Buffer.from(OK));
  received.begin();
  expect(received).toMatchObject({ bytes: 0 });
  const piece = Buffer.from(CONTINUE);
  received.take(piece);
  expect(piece.toString()).toBe(PROCESSING);
});

describe('the last head', () => {
  test('is kept to its end, without those before it', () => {
    const received = createReceived();
    for (const piece of [CONTINUE, CONTINUE + OK.slice(0, 20), `${OK.slice(20)}body`])
      received.take(Buffer.from(piece));
    expect(received.head()).toBe('HTTP/1.1 200 OK\r\ncontent-length: 0');
  });

  test('is kept as far as it has come, and to 16 KiB', () => {
    const received = createReceived();
    received.take(Buffer.from('HTTP/1.1 2'));
    expect(received.head()).toBe('HTTP/1.1 2');
    for (let count = 0; count < 300; count++) received.take(Buffer.alloc(1_024, 'x'));
    expect(received.head()).toHaveLength(16_384);
    expect(received.bytes).toBe(10 + 300 * 1_024);
  });
});
