import { expect, test } from 'vitest';
import { loadCatalog } from '../../src/domain/catalogs.ts';

// The enumerations of the published documents, as they stand there.
const DAKOTA = `user.created user.updated user.deleted api_key.created api_key.deleted customer.created customer.updated
  customer.kyb_link.created customer.kyb_link.updated customer.kyb_status.created customer.kyb_status.updated
  auto_account.created auto_account.updated auto_account.deleted transaction.auto.created transaction.auto.updated
  transaction.one_off.created transaction.one_off.updated recipient.created recipient.updated recipient.deleted
  destination.created destination.deleted target.created target.updated target.deleted exception.created
  exception.cleared bvnk.onboarding.created bvnk.onboarding.updated wallet.created wallet.updated
  wallet.signer_group.created wallet.signer_group.updated wallet.policy.created wallet.policy.updated
  wallet.transaction.created wallet.transaction.updated wallet.deposit`;
const DFNS = `policy.triggered policy.approval.pending policy.approval.resolved key.created key.deleted key.delegated
  key.exported wallet.blockchainevent.detected wallet.created wallet.activated wallet.delegated wallet.exported
  wallet.signature.failed wallet.signature.rejected wallet.signature.requested wallet.signature.signed
  wallet.transaction.broadcasted wallet.transaction.confirmed wallet.transaction.failed wallet.transaction.rejected
  wallet.transaction.requested wallet.transfer.broadcasted wallet.transfer.confirmed wallet.transfer.failed
  wallet.transfer.rejected wallet.transfer.requested wallet.offer.received wallet.offer.accepted wallet.offer.rejected
  wallet.offer.withdrawn wallet.tags.modified`;
const DAYA = 'order.created order.filled order.partially_filled order.cancelled order.rejected trade.executed';

const words = (text: string) => text.split(/\s+/).sort();
const names = (...catalogs: string[]) =>
  loadCatalog(catalogs)
    .map((entry) => entry.name)
    .sort();

test.each([
  ['dakota', 39, DAKOTA],
  ['dfns', 31, DFNS],
  ['daya', 6, DAYA],
])('%s has exactly the %d event types of its document', (catalog, count, list) => {
  expect(words(list)).toHaveLength(count);
  expect(names(catalog)).toEqual(words(list));
});

test('all catalogs together hold every name once: wallet.created is in two of them', () => {
  const all = names('dakota', 'dfns', 'daya');
  expect(all).toEqual([...new Set(words(`${DAKOTA} ${DFNS} ${DAYA}`))]);
  expect(all).toHaveLength(39 + 31 + 6 - 1);
});

test('the catalog named first has a name that two share', () => {
  const walletCreated = (...catalogs: string[]) => loadCatalog(catalogs).find(({ name }) => name === 'wallet.created');
  expect(walletCreated('dakota', 'dfns')).toBe(walletCreated('dakota'));
  expect(walletCreated('dfns', 'dakota')).toBe(walletCreated('dfns'));
  expect(walletCreated('dakota')).not.toBe(walletCreated('dfns'));
});

test('a catalog named twice counts once, and none gives none', () => {
  expect(names('daya', 'daya')).toEqual(words(DAYA));
  expect(loadCatalog([])).toEqual([]);
});

test.each(['stripe', 'Dakota', 'constructor', ''])(
  'refuses the unknown catalog %j and says which there are',
  (name) => {
    expect(() => loadCatalog(['daya', name])).toThrow('one of dakota, dfns, daya');
  },
);

test.each(loadCatalog(['dakota', 'dfns', 'daya']))('$name is whole', ({ name, category, displayName, ...entry }) => {
  expect(name).toMatch(/^[a-z0-9_]+(\.[a-z0-9_]+)*$/);
  const categories = 'account compliance customer order recipient security trade transaction wallet webhook';
  expect(categories.split(' ')).toContain(category);
  expect(displayName).toMatch(/^[A-Z][\w -]{3,39}$/);
  expect(entry.description).toMatch(/^[A-Z].{15,118}\.$/);
  expect(Object.keys(entry.example).length).toBeGreaterThan(0);
  expect(JSON.parse(JSON.stringify(entry.example))).toEqual(entry.example);
  expect(JSON.stringify(entry.example).length).toBeLessThan(500);
});

test('no two event types of a catalog say the same', () => {
  for (const catalog of ['dakota', 'dfns', 'daya']) {
    const entries = loadCatalog([catalog]);
    expect(new Set(entries.map(({ displayName }) => displayName)).size).toBe(entries.length);
    expect(new Set(entries.map(({ description }) => description)).size).toBe(entries.length);
  }
});
