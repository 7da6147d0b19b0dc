/** Verdicts on URLs are remembered, but not beyond what they were made from. */
import { expect, test } from 'vitest';
import { createTargetRouter } from '../../../../src/pipeline/deliver/http/route.ts';
import { SendFailure } from '../../../../src/pipeline/deliver/http/send-failure.ts';

test('before each attempt the URL is judged by the addresses that the interfaces have then', () => {
  let own: readonly string[] = [];
  const policy = { allowLoopback: false, allowedNetworks: [], allowHttp: false, ownAddresses: () => own };
  const route = createTargetRouter(policy);
  const outcome = () => {
    const found = route('https://93.184.216.34/hook');
    return found instanceof SendFailure ? `${found.outcome}: ${found.message}` : found.path;
  };
  expect(outcome()).toBe('/hook');
  own = ['93.184.216.34'];
  expect(outcome()).toMatch(/^FORBIDDEN_ADDRESS: .*93\.184\.216\.34: an address of the machine that sends/);
  own = ['93.184.216.33'];
  expect(outcome()).toBe('/hook');
});
