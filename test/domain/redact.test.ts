import { expect, test } from 'vitest';
import { redact } from '../../src/domain/redact.ts';
import { quote } from '../../src/domain/text.ts';

test('keys and secrets are cut down to what they are', () => {
  const text = 'got "hk_0123456789abcdefghij" and whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw=, whsk_a+b/c=d_e-f.';
  expect(redact(text)).toBe('got "hk_…" and whsec_…, whsk_….');
  expect(quote(`hk_${'a'.repeat(40)}`)).toBe('"hk_…"');
});

test('other texts stay as they are', () => {
  for (const text of ['hk_short', 'transaction.auto.updated', '2kHkWeOzLrzBsjHSrSRHfFgnKcV', 'whsec_']) {
    expect(redact(text)).toBe(text);
  }
});
