import { expect, test } from 'vitest';
import { redact } from '../../src/domain/redact.ts';
import { quote } from '../../src/domain/text.ts';

test('keys and secrets are cut down to what they are', () => {
  const text =
    'got "hk_0123456789abcdefghij", hkp_0123456789abcdefghij and whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw=, whsk_a+b/c=d_e-f.';
  expect(redact(text)).toBe('got "hk_…", hkp_… and whsec_…, whsk_….');
  expect(quote(`hk_${'a'.repeat(40)}`)).toBe('"hk_…"');
});

const PEM = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\nAgEGCCqGSM49AwEHBG0w\n-----END PRIVATE KEY-----\n';

test('a private key as PEM is cut out, of whatever kind, and also without its end', () => {
  const cut = '-----BEGIN PRIVATE KEY-----…';
  expect(redact(`a ${PEM} b`)).toBe(`a ${cut}\n b`);
  expect(redact(PEM.replaceAll('PRIVATE', 'RSA PRIVATE'))).toBe(`${cut}\n`);
  expect(redact(PEM.replaceAll('PRIVATE', 'EC PRIVATE').slice(0, 60))).toBe(cut);
  expect(redact(`${PEM}${PEM}`)).toBe(`${cut}\n${cut}\n`);
});

test('JSON stays JSON, wherever a private key stands in it and however it ends', () => {
  for (const end of ['', 'abc', '"', '\\', '\\"', '\\\\', '\n']) {
    const text = JSON.stringify({ name: `${PEM.slice(0, 40)}${end}`, more: [PEM], last: 'x' });
    const parsed = JSON.parse(redact(text)) as { last: string };
    expect(parsed.last).toBe('x');
    expect(JSON.stringify(parsed)).not.toContain('MIGH');
  }
});

test('other texts stay as they are', () => {
  for (const text of ['hk_short', 'transaction.auto.updated', '2kHkWeOzLrzBsjHSrSRHfFgnKcV', 'whsec_']) {
    expect(redact(text)).toBe(text);
  }
});
