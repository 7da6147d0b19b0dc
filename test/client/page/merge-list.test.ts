import { expect, test } from 'vitest';
import {
  extendList,
  type ListPart,
  type ListRules,
  mergeList,
  startList,
} from '../../../src/client/page/merge-list.ts';
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

test('a later page adds what stands behind the last known item; of the items before, the list knows better', () => {
  const part = startList([item(8), item(7, true, 2), item(6)], false, RULES);
  const page = [item(7, true, 1), item(6), item(5), item(4, false), item(3)];
  const extended = extendList(part, page, false, changes(), RULES);
  expect(extended.items).toEqual([item(8), item(7, true, 2), item(6), item(5), item(3)]);
  expect(places(extendList(extended, [item(2)], true, changes(), RULES))).toEqual([8, 7, 6, 5, 3, 2]);
});

test('a change that came while a page was on its way counts more than the page', () => {
  const part = startList([item(8), item(7)], false, RULES);
  const page = [item(6), item(5), item(4)];
  const meanwhile = changes(item(6, false), item(5, true, 1), item(9), item(1));
  expect(extendList(part, page, false, meanwhile, RULES).items).toEqual([
    item(9),
    item(8),
    item(7),
    item(5, true, 1),
    item(4),
  ]);
});

test('a page that goes beyond the limit is cut there, and the list knows that more follows', () => {
  const part = startList([item(30), item(29)], false, RULES);
  const page = Array.from({ length: 20 }, (_, nth) => item(28 - nth));
  const extended = extendList(part, page, true, changes(), RULES);
  expect(places(extended)).toEqual([30, 29, 28, 27, 26, 25, 24, 23, 22, 21]);
  expect(extended.edge).toEqual(item(21));
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

test('after any changes and any pages the list is a true beginning of the whole list', () => {
  const random = createRandom(11);
  const pick = (count: number) => Math.floor(random() * count);
  const rules = { ...RULES, limit: 40 };
  const whole = new Map(Array.from({ length: 60 }, (_, at) => [`i${at}`, item(at, at % 3 > 0)]));
  const all = () => [...whole.values()].sort(rules.order);
  const beginning = () => all().filter(rules.keep);
  let part = startList(beginning().slice(0, 10), false, rules);
  for (let step = 1; step <= 500; step++) {
    const { edge } = part;
    // The page is read, then things change, then the page arrives.
    const page = beginning().filter((each) => edge !== null && rules.order(each, edge) > -pick(3));
    const changed = changes(...Array.from({ length: 1 + pick(3) }, () => item(pick(60 + step), random() < 0.5, step)));
    for (const [id, each] of changed) whole.set(id, each);
    const isAsked = pick(3) === 0;
    part = isAsked
      ? extendList(part, page.slice(0, 8), page.length <= 8, changed, rules)
      : mergeList(part, changed, rules);
    if (isAsked && edge === null) part = mergeList(part, changed, rules);
    expect(part.items).toEqual(beginning().slice(0, part.items.length));
    if (part.items.length < 5) part = startList(beginning().slice(0, 10), false, rules);
  }
});
