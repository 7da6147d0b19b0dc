import { expect, test } from 'vitest';
import { isProxy, parseEgressProxy } from '../../../src/domain/targets/egress-proxy.ts';
import { judgeTargetUrl } from '../../../src/domain/targets/target-url.ts';

test.each([
  ['http://proxy.example.com:3128', { protocol: 'http', hostname: 'proxy.example.com', port: 3128 }],
  ['https://Proxy.example.com/', { protocol: 'https', hostname: 'proxy.example.com', port: 443 }],
  ['http://10.0.0.7', { protocol: 'http', hostname: '10.0.0.7', port: 80 }],
  ['socks5://[fd00::7]', { protocol: 'socks5', hostname: 'fd00::7', port: 1080 }],
])('reads %s', (text, expected) => {
  expect(parseEgressProxy(text)).toEqual({ ...expected, credentials: undefined });
});

test('reads credentials, percent-encoded where a URL needs it', () => {
  const { credentials } = parseEgressProxy('socks5://us%40er:p%3Aa%2Fss%20%C3%A4@proxy:1080');
  expect(credentials).toEqual({ username: 'us@er', password: 'p:a/ss ä' });
});

test.each([
  'proxy.example.com:3128',
  'ftp://secret:secret@proxy',
  'socks4://secret@proxy',
  'socks5h://secret:secret@proxy',
  'http://secret:secret@/',
  'http://secret:secret@proxy/path',
  'http://secret:secret@proxy/?query',
  'http://secret%3Aa:secret@proxy',
  'http://secret:@proxy',
  'http://:secret@proxy',
  'http://secret:%ff@proxy',
  `http://secret:${'x'.repeat(256)}@proxy`,
  'http://secret:a%0Ab@proxy',
])('refuses %s, and quotes none of it', (text) => {
  const parse = () => parseEgressProxy(text);
  expect(parse).toThrow(/^expected the URL of a proxy such as/);
  expect(parse).not.toThrow(/secret|xxx/);
});

test('its own host and port are no target, in whatever notation', () => {
  const policy = { allowLoopback: true, allowedNetworks: ['10.0.0.0/8', 'fd00::/8'], allowHttp: true };
  const verdict = (url: string, hostname: string) => {
    const judged = judgeTargetUrl(url, { ...policy, egressProxy: { hostname, port: 3128, resolvesNames: false } });
    return judged.ok ? 'ok' : judged.code;
  };
  for (const [url, hostname] of [
    ['https://proxy.corp.example:3128/', 'proxy.corp.example'],
    ['https://PROXY.corp.example.:3128/', 'proxy.corp.example'],
    ['https://10.0.0.7:3128/', '10.0.0.7'],
    ['https://0x0a000007:3128/', '10.0.0.7'],
    ['https://[fd00:0:0::7]:3128/', 'fd00::7'],
    ['https://127.8.8.8:3128/', '127.0.0.1'],
    ['https://[::1]:3128/', '127.0.0.1'],
  ] as const) {
    expect([url, verdict(url, hostname)]).toEqual([url, 'FORBIDDEN_ADDRESS']);
    expect(verdict(url.replace(':3128', ':3129'), hostname)).toBe('ok');
  }
  expect(verdict('https://10.0.0.8:3128/', '10.0.0.7')).toBe('ok');
});

test('nor are the addresses that its name leads to', () => {
  const proxy = { hostname: 'proxy.corp.example', port: 3128 };
  expect(isProxy('10.0.0.7', 3128, proxy, ['10.0.0.6', '10.0.0.7'])).toBe(true);
  expect(isProxy('10.0.0.8', 3128, proxy, ['10.0.0.6', '10.0.0.7'])).toBe(false);
});

test('a final dot of its name means nothing', () => {
  expect(parseEgressProxy('http://Proxy.corp.example.:3128').hostname).toBe('proxy.corp.example');
});

test('where it resolves names, no name may have its port, unless receivers have that port too', () => {
  const policy = { allowLoopback: true, allowedNetworks: [], allowHttp: true };
  const verdict = (url: string, port: number, resolvesNames = true) => {
    const egressProxy = { hostname: 'proxy.corp.example', port, resolvesNames };
    const judged = judgeTargetUrl(url, { ...policy, egressProxy });
    return judged.ok ? 'ok' : judged.code;
  };
  expect(verdict('https://other.example.com:3128/', 3128)).toBe('FORBIDDEN_ADDRESS');
  expect(verdict('https://other.example.com:3128/', 3128, false)).toBe('ok');
  expect(verdict('https://other.example.com:3129/', 3128)).toBe('ok');
  expect(verdict('https://93.184.216.34:3128/', 3128)).toBe('ok');
  expect(verdict('https://localhost:3128/', 3128)).toBe('ok');
  expect(verdict('https://other.example.com/', 443)).toBe('ok');
  expect(verdict('http://other.example.com/', 80)).toBe('ok');
  expect(verdict('https://proxy.corp.example/', 443)).toBe('FORBIDDEN_ADDRESS');
});
