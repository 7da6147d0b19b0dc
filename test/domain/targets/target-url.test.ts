import { expect, test } from 'vitest';
import { judgeTargetUrl, type UrlPolicy } from '../../../src/domain/targets/target-url.ts';

const PRODUCTION: UrlPolicy = { allowLoopback: false, allowedNetworks: [], allowHttp: false };
const LOCAL: UrlPolicy = { allowLoopback: true, allowedNetworks: [], allowHttp: true };
const SELF_HOSTED: UrlPolicy = { allowLoopback: false, allowedNetworks: ['10.0.0.0/8'], allowHttp: false };

const NORMALISED: [text: string, url: string][] = [
  ['https://example.com', 'https://example.com/'],
  ['https://example.com/webhooks/receive', 'https://example.com/webhooks/receive'],
  ['HTTPS://Example.COM:443/A?b=C', 'https://example.com/A?b=C'],
  ['https://example.com:8443/a/../b', 'https://example.com:8443/b'],
  ['https://example.com/hook#fragment', 'https://example.com/hook'],
  ['https://example.com/hook?x=1#', 'https://example.com/hook?x=1'],
  ['https://example.com./hook', 'https://example.com/hook'],
  ['https://münchen.example/straße', 'https://xn--mnchen-3ya.example/stra%C3%9Fe'],
  ['https://_dmarc.my-host.example/', 'https://_dmarc.my-host.example/'],
  ['https://134744072/', 'https://8.8.8.8/'],
  ['https://[2606:4700:4700:0:0:0:0:1111]/', 'https://[2606:4700:4700::1111]/'],
];

test.each(NORMALISED)('%s is accepted and kept as %s', (text, url) => {
  expect(judgeTargetUrl(text, PRODUCTION)).toEqual({ ok: true, url });
  expect(judgeTargetUrl(url, PRODUCTION)).toEqual({ ok: true, url });
});

const INVALID: [text: string, message: RegExp][] = [
  ['', /https:\/\/ and a host/],
  ['example.com/hook', /https:\/\/ and a host/],
  ['ftp://example.com/', /https:\/\/ and a host/],
  ['javascript:alert(1)', /https:\/\/ and a host/],
  ['file:///etc/passwd', /https:\/\/ and a host/],
  ['http://example.com/', /Expected https:\/\/, got http/],
  ['https:example.com', /https:\/\/ and a host/],
  ['https:/example.com', /https:\/\/ and a host/],
  ['https:///example.com', /https:\/\/ and a host/],
  ['https://', /https:\/\/ and a host/],
  ['https://?x', /https:\/\/ and a host/],
  ['https://:443/', /valid host and port/],
  ['https://./', /DNS host name/],
  ['https://example..com/', /DNS host name/],
  ['https://example.com../', /DNS host name/],
  ['https://-example.com/', /DNS host name/],
  ['https://a!b.example.com/', /DNS host name/],
  [`https://${'a'.repeat(64)}.example.com/`, /DNS host name/],
  [`https://${'a.'.repeat(127)}example/`, /DNS host name/],
  ['https://user@example.com/', /user name or password/],
  ['https://user:password@example.com/', /user name or password/],
  ['https://@example.com/', /user name or password/],
  ['https://example.com@127.0.0.1/', /user name or password/],
  ['https://example.com:0/', /port from 1 to 65535/],
  ['https://example.com:65536/', /valid host and port/],
  ['https://example.com:x/', /valid host and port/],
  ['https://example.com\\@127.0.0.1/', /backslashes/],
  ['https:\\\\example.com\\', /backslashes/],
  [' https://example.com/', /spaces/],
  ['https://example.com/\n', /spaces/],
  ['https://exam\tple.com/', /control characters/],
  ['https://example.com/\0', /control characters/],
  ['https://example.com/\u007f', /control characters/],
  ['https://example.com/a b', /spaces/],
  ['https://example.com/\ud800', /control characters/],
  ['https://exa%00mple.com/', /valid host and port/],
  ['https://256.1.1.1/', /valid host and port/],
  ['https://[::1/', /valid host and port/],
  ['https://[fe80::1%25eth0]/', /valid host and port/],
];

test.each(INVALID)('%j is invalid, and the message says why', (text, message) => {
  expect(judgeTargetUrl(text, PRODUCTION)).toEqual({
    ok: false,
    code: 'INVALID',
    message: expect.stringMatching(message),
  });
});

const FORBIDDEN: [text: string, message: RegExp][] = [
  ['https://127.0.0.1/', /127\.0\.0\.1: loopback/],
  ['https://127.0.0.1./', /127\.0\.0\.1: loopback/],
  ['https://2130706433/', /127\.0\.0\.1: loopback/],
  ['https://0x7f000001/', /127\.0\.0\.1: loopback/],
  ['https://0177.0.0.1/', /127\.0\.0\.1: loopback/],
  ['https://017700000001/', /127\.0\.0\.1: loopback/],
  ['https://127.1/', /127\.0\.0\.1: loopback/],
  ['https://127.0.1/', /127\.0\.0\.1: loopback/],
  ['https://0x7f.0.0x0.1/', /127\.0\.0\.1: loopback/],
  ['https://%31%32%37.0.0.1/', /127\.0\.0\.1: loopback/],
  ['https://127。0。0。1/', /127\.0\.0\.1: loopback/],
  ['https://①②⑦.0.0.1/', /127\.0\.0\.1: loopback/],
  ['https://0/', /0\.0\.0\.0/],
  ['https://169.254.169.254/latest/meta-data', /metadata/],
  ['https://0xa9fea9fe/', /metadata/],
  ['https://10.1.2.3:8443/', /private/],
  ['https://168.63.129.16/', /Azure/],
  ['https://[::1]/', /::1: loopback/],
  ['https://[::]/', /unspecified/],
  ['https://[::ffff:127.0.0.1]/', /IPv6 notation/],
  ['https://[::127.0.0.1]/', /IPv6 notation/],
  ['https://[64:ff9b::127.0.0.1]/', /NAT64/],
  ['https://[fd00:ec2::254]/', /AWS/],
  ['https://localhost/', /loopback/],
  ['https://LOCALHOST./', /loopback/],
  ['https://a.b.localhost/', /loopback/],
  ['https://intranet/', /with a dot/],
  ['https://metadata.google.internal/', /\.internal names are private/],
  ['https://printer.local./', /\.local names are private/],
  ['https://example.com:22/', /Expected a port for HTTP, got 22,/],
  ['https://example.com:6379/', /Expected a port for HTTP, got 6379, the port of Redis\.$/],
  ['https://[2606:4700:4700::1111]:5432/', /got 5432, the port of PostgreSQL/],
];

test.each(FORBIDDEN)('%s is forbidden in production, and the message says why', (text, message) => {
  expect(judgeTargetUrl(text, PRODUCTION)).toEqual({
    ok: false,
    code: 'FORBIDDEN_ADDRESS',
    message: expect.stringMatching(message),
  });
});

test.each([
  'http://127.0.0.1:4000/hook',
  'http://[::1]:4000/',
  'http://localhost/',
  'http://a.localhost/',
  'http://app/',
])('%s is allowed in local mode', (text) => {
  expect(judgeTargetUrl(text, LOCAL)).toEqual({ ok: true, url: text });
});

test.each(['http://10.0.0.1/', 'http://169.254.169.254/', 'http://[::ffff:127.0.0.1]/', 'http://app.internal/'])(
  '%s stays forbidden in local mode',
  (text) => {
    expect(judgeTargetUrl(text, LOCAL)).toMatchObject({ ok: false, code: 'FORBIDDEN_ADDRESS' });
  },
);

test('http:// is allowed to public hosts where the policy allows it', () => {
  const policy = { ...PRODUCTION, allowHttp: true };
  expect(judgeTargetUrl('http://example.com/', policy)).toMatchObject({ ok: true });
  expect(judgeTargetUrl('http://127.0.0.1/', policy)).toMatchObject({ ok: false, code: 'FORBIDDEN_ADDRESS' });
});

test('where ports are named, only these are allowed, also those that follow from the scheme', () => {
  const verdict = (text: string, allowedPorts: number[]) =>
    judgeTargetUrl(text, { ...PRODUCTION, allowHttp: true, allowedPorts }).ok;
  expect(verdict('https://example.com/', [443])).toBe(true);
  expect(verdict('http://example.com/', [443])).toBe(false);
  expect(verdict('http://example.com:443/', [443])).toBe(true);
  expect(verdict('https://example.com:8443/', [443])).toBe(false);
  expect(verdict('https://example.com/', [8443])).toBe(false);
});

test('where private networks are allowed, private names are too, and addresses only inside those networks', () => {
  const verdict = (text: string) => judgeTargetUrl(text, SELF_HOSTED).ok;
  expect(['https://app/', 'https://app.internal/', 'https://10.1.2.3/'].map(verdict)).toEqual([true, true, true]);
  expect(['https://localhost/', 'https://127.0.0.1/', 'https://192.168.0.1/'].map(verdict)).toEqual([
    false,
    false,
    false,
  ]);
});

test('a URL has at most 2,048 characters, as given and as encoded', () => {
  const ofLength = (length: number) => `https://example.com/${'a'.repeat(length - 'https://example.com/'.length)}`;
  expect(judgeTargetUrl(ofLength(2_048), PRODUCTION)).toMatchObject({ ok: true });
  expect(judgeTargetUrl(ofLength(2_049), PRODUCTION)).toEqual({
    ok: false,
    code: 'TOO_LONG',
    message: expect.stringContaining('got 2049'),
  });
  // 700 characters that become six each.
  expect(judgeTargetUrl(`https://example.com/${'ü'.repeat(700)}`, PRODUCTION)).toMatchObject({ code: 'TOO_LONG' });
});

test('a message quotes a long URL only in part', () => {
  const verdict = judgeTargetUrl(`ftp://${'x'.repeat(2_000)}`, PRODUCTION);
  expect(verdict.ok ? '' : verdict.message.length).toBeLessThan(300);
});
