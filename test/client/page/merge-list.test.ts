import { expect, test } from 'vitest';
import { type ListPart, type ListRules, mergeList, startList } from '../../../src/client/page/merge-list.ts';
import { createRandom } from '../../support/changes.ts';

type Item = { readonly id: string; readonly at: number; readonly open: boolean; readonly version: number };

const RULES: ListRules<Item> = {
  key: ({ id }) => id,
  order: (one, other) => other.at - one.at, // Newest first.
  keep: ({ open }) => open,
  limit: 10,
};
const item = (at: number, open = true, version = 0): Item => ({ id: `i${at}`, at, open, version });
const changes = (...items: Item[]) => new Map(items.map((each) => [each.id, each]));
const places = ({ items }: ListPart<Item>) => items.map(({ at }) => at);

test('a new item stands at its place, a changed one stays at its own, and one that fits no more leaves', () => {
  const part = startList([item(1), item(3), item(5)], true, RULES);
  const merged = mergeList(part, changes(item(4), item(3, true, 1), item(1, false)), RULES);
  expect(merged.items).toEqual([item(5), item(4), item(3, true, 1)]);
});

test('the list never has more items than its limit, and the last ones go', () => {
  const part = startList(
    Array.from({ length: 10 }, (_, at) => item(at)),
    true,
    RULES,
  );
  expect(places(mergeList(part, changes(item(20), item(21)), RULES))).toEqual([21, 20, 9, 8, 7, 6, 5, 4, 3, 2]);
});

test('what stands behind the last known item does not enter: nobody knows what lies between', () => {
  const part = startList([item(8), item(7), item(6)], false, RULES);
  expect(places(mergeList(part, changes(item(2), item(9)), RULES))).toEqual([9, 8, 7, 6]);
  const shorter = mergeList(part, changes(item(6, false)), RULES);
  expect(places(mergeList(shorter, changes(item(5)), RULES))).toEqual([8, 7]);
});

test('changes that do not concern the list leave the same object, so that a page does not draw', () => {
  const part = startList([item(8), item(7)], false, RULES);
  expect(mergeList(part, changes(item(1), item(9, false)), RULES)).toBe(part);
});

test('after any changes the list is a true beginning of the whole list', () => {
  const random = createRandom(7);
  const pick = (count: number) => Math.floor(random() * count);
  const whole = new Map(Array.from({ length: 60 }, (_, at) => [`i${at}`, item(at, at % 3 > 0)]));
  const beginning = () => [...whole.values()].filter(RULES.keep).sort(RULES.order);
  let part = startList(beginning().slice(0, 10), false, RULES);
  for (let step = 1; step <= 500; step++) {
    const changed = changes(...Array.from({ length: 1 + pick(3) }, () => item(pick(60 + step), random() < 0.5, step)));
    for (const [id, each] of changed) whole.set(id, each);
    part = mergeList(part, changed, RULES);
    expect(part.items).toEqual(beginning().slice(0, part.items.length));
    if (part.items.length < 5) part = startList(beginning().slice(0, 10), false, RULES);
  }
});
