import { expect, test } from 'vitest';
import { chainOf, replayChainOf, type DeliveryOrdering } from '../../src/domain/order.ts';

const target = (ordering: DeliveryOrdering, id = 't', organizationId = 'o') => ({ id, organizationId, ordering });

test('without an ordering, and for KEY without a key, there is no chain', () => {
  expect(chainOf('public', target('NONE'), 'k')).toBeNull();
  expect(chainOf('public', target('KEY'), null)).toBeNull();
  expect(replayChainOf('public', { id: 'r' }, 'NONE', 'k')).toBeNull();
});

test('KEY: one chain for each key, with one lock for all targets of the organization', () => {
  const chain = chainOf('public', target('KEY'), 'k');
  expect(chainOf('public', target('KEY', 'u'), 'k')).toEqual(chain);
  expect(chainOf('public', target('KEY'), 'l')!.chain).not.toBe(chain!.chain);
  expect(chainOf('public', target('KEY', 't', 'p'), 'k')!.lock).not.toBe(chain!.lock);
});

test('TARGET: one chain for the target, whatever the key', () => {
  const chain = chainOf('public', target('TARGET'), 'k');
  expect(chainOf('public', target('TARGET'), null)).toEqual(chain);
  expect(chainOf('public', target('TARGET', 'u'), 'k')!.lock).not.toBe(chain!.lock);
  expect(chainOf('public', target('KEY'), 'target')!.chain).not.toBe(chain!.chain);
});

test('10,000 keys of an organization share 256 locks at most, and have a chain each', () => {
  const chains = Array.from({ length: 10_000 }, (_, nth) => chainOf('public', target('KEY'), `key-${nth}`)!);
  expect(new Set(chains.map(({ lock }) => lock)).size).toBeLessThanOrEqual(256);
  expect(new Set(chains.map(({ chain }) => chain)).size).toBe(10_000);
});

test('a publish to 50,000 targets with the ordering TARGET takes 256 locks at most', () => {
  const chains = Array.from({ length: 50_000 }, (_, nth) =>
    chainOf('public', target('TARGET', `target-${nth}`), null)!,
  );
  expect(new Set(chains.map(({ lock }) => lock)).size).toBe(256);
});

test('a replay has chains of its own, apart from those of publishing and of other replays', () => {
  for (const ordering of ['KEY', 'TARGET'] as const) {
    const fresh = chainOf('public', target(ordering), 'k')!;
    const replayed = replayChainOf('public', { id: 'r' }, ordering, 'k')!;
    expect(replayed.chain).not.toBe(fresh.chain);
    expect(replayed.lock).not.toBe(fresh.lock);
    expect(replayChainOf('public', { id: 's' }, ordering, 'k')!.chain).not.toBe(replayed.chain);
  }
});

test('two deployments in one database have locks of their own', () => {
  expect(chainOf('public', target('TARGET'), null)!.lock).not.toBe(chainOf('other', target('TARGET'), null)!.lock);
});
