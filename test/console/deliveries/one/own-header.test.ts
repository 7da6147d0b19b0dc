import { expect, test } from 'vitest';
import { isOwnHeader } from '../../../../src/console/deliveries/one/own-header.ts';
import { requestHeaders } from '../../../../src/domain/signing/request-headers.ts';

test('what the service sends is not of the target, under any brand, and everything else is', () => {
  const facts = { eventId: 'e', eventType: 't', number: 1, timestamp: 1, signature: 's', signatures: 's' };
  for (const brand of ['Dakota', 'Two-Words']) {
    const names = Object.keys(requestHeaders({ brand, ...facts }));
    expect(names.length).toBeGreaterThan(8);
    expect([...names, 'host', 'connection', 'content-length', 'traceparent'].filter(isOwnHeader)).toEqual([]);
  }
  const own = ['Authorization', 'X-Api-Key', 'Cookie', 'X-Webhook', 'X-Secret-Event'];
  expect(own.filter((name) => !isOwnHeader(name))).toEqual([]);
});
