/** Places of the operations of one organization, while it has to leave room to others. */
import { expect, test } from 'vitest';
import { createPlaces } from '../../src/fairness/places.ts';

function setup() {
  const t = { isRestrained: true };
  const places = createPlaces(() => t.isRestrained);
  const log: string[] = [];
  const begin = (name: string) => {
    const place = places.take('loud');
    if (place.begun) void place.begun.then(() => void log.push(name));
    else log.push(name);
    return place;
  };
  /** A query that begins, and reads as soon as it may. */
  const query = (name: string) => {
    const place = begin(name);
    const turn = place.startReading();
    if (turn) void turn.then((reads) => void log.push(`${name} ${reads ? 'reads' : 'has ended'}`));
    else log.push(`${name} reads`);
    return place;
  };
  /** What happened since the last call. */
  const seen = async () => {
    await Promise.resolve();
    return log.splice(0);
  };
  return Object.assign(t, { places, begin, query, seen });
}

test('a query that waits to read leaves its place to others, and a mutation never waits for it', async () => {
  const t = setup();
  t.query('first');
  t.query('second');
  const mutations = ['one', 'two'].map(t.begin);
  expect(await t.seen()).toEqual(['first', 'first reads', 'second', 'one']);
  mutations[0]!.end();
  expect(await t.seen()).toEqual(['two']);
});

test('a query that begins to wait to read lets in who waited for its place', async () => {
  const t = setup();
  t.query('first');
  const second = t.begin('second');
  t.begin('one');
  expect(await t.seen()).toEqual(['first', 'first reads', 'second']);
  void second.startReading();
  expect(await t.seen()).toEqual(['one']);
});

test('a query does not overtake those that wait to read, although none reads', async () => {
  const t = setup();
  const first = t.query('first');
  t.query('second');
  const third = t.begin('third');
  await t.seen();
  first.endReading();
  expect(await t.seen()).toEqual([]); // Its answer is on the way to the client: both places are taken.
  expect(third.startReading()).toBeInstanceOf(Promise);
  expect(await t.seen()).toEqual(['second reads']);
});

test('who waits goes on in the order in which the waits began', async () => {
  const t = setup();
  const first = t.query('first');
  t.query('second');
  t.query('third');
  const mutation = t.begin('one');
  t.begin('two');
  await t.seen();
  first.endReading();
  expect(await t.seen()).toEqual([]); // Its answer is on the way to the client: both places are taken.
  first.end();
  expect(await t.seen()).toEqual(['second reads']);
  mutation.end();
  expect(await t.seen()).toEqual(['two']); // `third` came before it, but `second` reads.
});

test('a query whose client has left does not read any more, and waits no longer', async () => {
  const t = setup();
  const first = t.query('first');
  const second = t.query('second');
  expect(t.places.waiting('loud')).toBe(1);
  second.end();
  expect(t.places.waiting('loud')).toBe(0);
  expect(await t.seen()).toEqual(['first', 'first reads', 'second', 'second has ended']);
  first.endReading();
  first.end();
  expect(await t.seen()).toEqual([]);
  expect(await t.begin('third').startReading()).toBeUndefined();
});

test('a client that has left before its query began to read', async () => {
  const t = setup();
  const place = t.begin('first');
  place.end();
  expect(place.startReading()).toBe(false);
  expect([...t.places.parts()]).toEqual([]);
});

test('a query whose client leaves while it reads holds its place until it has read everything', async () => {
  const t = setup();
  const first = t.query('first');
  first.end();
  expect([...t.places.parts()]).toEqual([['loud', 1]]);
  t.query('second');
  expect(await t.seen()).toEqual(['first', 'first reads', 'second']);
  first.endReading();
  expect(await t.seen()).toEqual(['second reads']);
});

test('a place that is given back twice is free once', async () => {
  const t = setup();
  const [first] = [t.begin('first'), t.begin('second')];
  for (const name of ['third', 'fourth']) t.begin(name);
  await t.seen();
  first.end();
  first.end();
  expect(await t.seen()).toEqual(['third']);
});

test('without restraint all go on, and those that have waited before them', async () => {
  const t = setup();
  t.query('first');
  t.query('second');
  t.begin('one');
  t.begin('two');
  await t.seen();
  t.isRestrained = false;
  t.query('third');
  expect((await t.seen()).toSorted()).toEqual(['second reads', 'third', 'third reads', 'two']);
});

test('the operations under way have equal parts, and those that wait none', async () => {
  const t = setup();
  t.query('first');
  t.query('second');
  expect([...t.places.parts()]).toEqual([['loud', 1]]);
  t.begin('one');
  t.places.take('quiet');
  t.places.take('quiet');
  expect([...t.places.parts()]).toEqual([
    ['loud', 0.5],
    ['quiet', 0.5],
  ]);
});
