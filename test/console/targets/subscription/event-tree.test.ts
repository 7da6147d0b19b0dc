import { expect, test } from 'vitest';
import {
  choiceOf,
  countTaken,
  findTypes,
  toggle,
  toggleAll,
  treeOf,
  type Branch,
  type TypeRow,
} from '../../../../src/console/targets/subscription/event-tree.ts';

const type = (name: string, category = name.split('.')[0]!): TypeRow => ({
  name,
  category,
  displayName: name.toUpperCase(),
  description: `When ${name} happens`,
});
const TYPES = [
  type('wallet.created'),
  type('wallet.policy.updated'),
  type('wallet.policy.deleted'),
  type('user.created'),
  type('transaction.auto.updated', 'money'),
  type('hookcast.target.disabled', 'hookcast'),
];

/** The tree as lines: patterns with what is below them. */
const lines = (branches: readonly Branch[]): unknown[] =>
  branches.map((branch) => (branch.kind === 'type' ? branch.type.name : { [branch.pattern]: lines(branch.branches) }));

test('types stand in their categories, below the patterns that cover two or more of them', () => {
  const tree = treeOf(TYPES).map(({ name, branches }) => ({ [name]: lines(branches) }));
  expect(tree).toEqual([
    { hookcast: ['hookcast.target.disabled'] },
    { money: ['transaction.auto.updated'] },
    { user: ['user.created'] },
    {
      wallet: [
        { 'wallet.*': ['wallet.created', { 'wallet.policy.*': ['wallet.policy.deleted', 'wallet.policy.updated'] }] },
      ],
    },
  ]);
});

test('a type whose name is the beginning of others stands beside their pattern', () => {
  const [category] = treeOf(
    [type('user'), type('user.created'), type('user.deleted')].map((row) => ({ ...row, category: 'user' })),
  );
  expect(lines(category!.branches)).toEqual(['user', { 'user.*': ['user.created', 'user.deleted'] }]);
});

test('a pattern counts what it covers in every category, also where only some types were found', () => {
  const types = [
    type('target.created', 'webhook'),
    type('target.deleted', 'webhook'),
    type('target.failing', 'hookcast'),
  ];
  const [category] = treeOf(types.slice(0, 2), types);
  expect(category!.branches).toMatchObject([{ names: ['target.created', 'target.deleted', 'target.failing'] }]);
});

test('a name is chosen, or covered by a pattern; a pattern is chosen in part when a type below it is chosen', () => {
  const names = ['wallet.created', 'wallet.policy.updated'];
  expect(choiceOf(['wallet.created'], 'wallet.created')).toBe('chosen');
  expect(choiceOf(['wallet.*'], 'wallet.created')).toBe('covered');
  expect(choiceOf(['wallet.created'], 'wallet.*', names)).toBe('partly');
  expect(choiceOf(['wallet.*'], 'wallet.*', names)).toBe('chosen');
  expect(choiceOf(['user.created'], 'wallet.*', names)).toBe('none');
});

test('a pattern that is chosen takes the place of what it covers', () => {
  expect(toggle(['user.created', 'wallet.created', 'wallet.policy.*'], 'wallet.*')).toEqual([
    'user.created',
    'wallet.*',
  ]);
  expect(toggle(['user.created', 'wallet.*'], 'wallet.*')).toEqual(['user.created']);
});

test('a category is chosen whole, then not at all, and patterns stay', () => {
  const names = ['wallet.created', 'wallet.policy.updated'];
  expect(toggleAll(['wallet.created'], names)).toEqual(['wallet.created', 'wallet.policy.updated']);
  expect(toggleAll(['user.created', ...names], names)).toEqual(['user.created']);
  expect(toggleAll(['wallet.policy.*'], names)).toEqual(['wallet.created', 'wallet.policy.*']);
});

test('the types that entries take are counted once, by name or by pattern', () => {
  expect(countTaken([], TYPES)).toBe(0);
  expect(countTaken(['wallet.*', 'wallet.created', 'user.created'], TYPES)).toBe(4);
});

test('types are found by name, display name or description, in whatever case', () => {
  expect(findTypes(TYPES, ' WALLET.C ').map(({ name }) => name)).toEqual(['wallet.created']);
  expect(findTypes(TYPES, 'when user')).toHaveLength(1);
  expect(findTypes(TYPES, '')).toBe(TYPES);
});
