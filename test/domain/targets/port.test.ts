import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { refusePort } from '../../../src/domain/targets/port.ts';

/** The Fetch standard's list as undici has it. */
const { badPorts } = createRequire(import.meta.url)('../../../node_modules/undici/lib/web/fetch/constants.js') as {
  badPorts: readonly string[];
};

test.each([80, 443, 3000, 4443, 5000, 8000, 8080, 8443, 9443, 10443, 32_768, 65_535])('port %i is allowed', (port) => {
  expect(refusePort(port, {})).toBeUndefined();
});

test('every port that browsers refuse is refused', () => {
  expect(badPorts.length).toBeGreaterThan(80);
  expect(badPorts.map(Number).filter((port) => refusePort(port, {}) === undefined)).toEqual([]);
});

test.each([
  [6379, 'Redis'],
  [5432, 'PostgreSQL'],
  [3306, 'MySQL'],
  [11211, 'memcached'],
  [27017, 'MongoDB'],
  [9200, 'Elasticsearch'],
  [2375, 'the Docker API'],
  [6443, 'the Kubernetes API'],
  [10250, 'the Kubernetes node agent'],
  [22, 'a protocol that is not HTTP'],
  [25, 'a protocol that is not HTTP'],
])('port %i is refused with its reason: %s', (port, service) => {
  expect(refusePort(port, {})).toBe(`Expected a port for HTTP, got ${port}, the port of ${service}`);
});

test('where ports are named, these and no others are allowed', () => {
  const policy = { allowedPorts: [443, 6379] };
  expect([443, 6379].map((port) => refusePort(port, policy))).toEqual([undefined, undefined]);
  expect(refusePort(8443, policy)).toBe('Expected port 443, 6379, got 8443');
});
