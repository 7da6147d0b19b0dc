/** Large bodies are in memory once, however many requests send them at the moment. */
import { describe, expect, test } from 'vitest';
import { createSharedBytes } from '../../../../src/pipeline/deliver/http/shared-bytes.ts';

const large = (first: string) => first + 'x'.repeat(10_000);

describe('bytes of bodies', () => {
  test('two requests that send one large text at once get the same bytes', () => {
    const shared = createSharedBytes();
    const bytes = shared.take(large('a'));
    expect(bytes).toEqual(Buffer.from(large('a')));
    expect(shared.take(large('a'))).toBe(bytes);
    expect(shared.take(large('b'))).toEqual(Buffer.from(large('b')));
  });

  test('bytes are kept until the last request that took them is over', () => {
    const shared = createSharedBytes();
    const bytes = shared.take(large('a'));
    shared.take(large('a'));
    shared.give(large('a'));
    expect(shared.take(large('a'))).toBe(bytes);
    shared.give(large('a'));
    shared.give(large('a'));
    expect(shared.take(large('a'))).not.toBe(bytes);
  });

  test('a small text is sent as it is', () => {
    const shared = createSharedBytes();
    expect(shared.take('{"id":1}')).toBe('{"id":1}');
    shared.give('{"id":1}');
  });

  test('text beyond ASCII is encoded as UTF-8', () => {
    expect(createSharedBytes().take(large('é'))).toEqual(Buffer.from(large('é'), 'utf8'));
  });
});
