import { expect, test } from 'vitest';
import {
  noDeliveryReason,
  type NoDeliveryFacts,
  type NoDeliveryReason,
} from '../../../src/domain/reasons/no-delivery.ts';

const PUBLISHED = new Date('2026-11-29T12:00:00.000Z');
const EVENT = { eventType: 'wallet.created', customerId: 'c1', createdAt: PUBLISHED, isTest: false };
const NAMED = { ...EVENT, mustBeNamed: true };
const TARGET: NoDeliveryFacts['target'] = {
  global: false,
  eventTypes: [],
  customerIds: [],
  status: 'ACTIVE',
  createdAt: new Date(PUBLISHED.getTime() - 1),
  updatedAt: new Date(PUBLISHED.getTime() - 1),
};
const LATER = new Date(PUBLISHED.getTime() + 1);

type Case = [string, Partial<NoDeliveryFacts['target']>, Partial<NoDeliveryFacts>, NoDeliveryReason | null];

const CASES: Case[] = [
  ['a target that takes everything: nothing explains it', {}, {}, null],
  ['another type', { eventTypes: ['user.created', 'user.*'] }, {}, 'EVENT_TYPE'],
  ['the type by a pattern: nothing explains it', { eventTypes: ['wallet.*'] }, {}, null],
  ['another customer', { customerIds: ['c2'] }, {}, 'CUSTOMER'],
  ['an event of no customer', { customerIds: ['c2'] }, { event: { ...EVENT, customerId: null } }, 'CUSTOMER'],
  ['a global target ignores both lists', { global: true, eventTypes: ['x'], customerIds: ['c2'] }, {}, null],
  ['a type that must be named, and an empty list', {}, { event: NAMED }, 'EVENT_TYPE'],
  [
    'a type that must be named, and a global target',
    { global: true, eventTypes: ['wallet.*'] },
    { event: NAMED },
    'EVENT_TYPE',
  ],
  [
    'a type that must be named, by a pattern: nothing explains it',
    { eventTypes: ['wallet.*'] },
    { event: NAMED },
    null,
  ],
  ['a filter that the event does not satisfy', {}, { isFiltered: true, statusThen: 'DISABLED' }, 'FILTER'],
  ['DISABLED then, and ACTIVE today', {}, { statusThen: 'DISABLED' }, 'DISABLED'],
  ['DISABLED today', { status: 'DISABLED' }, {}, 'DISABLED'],
  ['DISABLED today, and subscribed to another type', { status: 'DISABLED', eventTypes: ['x'] }, {}, 'EVENT_TYPE'],
  ['created later', { createdAt: LATER, eventTypes: ['x'] }, {}, 'CREATED_LATER'],
  ['changed later', { updatedAt: LATER }, {}, 'CHANGED'],
  ['changed later, and DISABLED then', { updatedAt: LATER }, { statusThen: 'DISABLED' }, 'DISABLED'],
  ['a test event for another target', { eventTypes: ['x'] }, { event: { ...EVENT, isTest: true } }, 'TEST_EVENT'],
  ['an event older than retention', {}, { isExpired: true }, 'EXPIRED'],
  ['an event older than retention, of another type', { eventTypes: ['x'] }, { isExpired: true }, 'EVENT_TYPE'],
];

test.each(CASES)('%s', (_, target, facts, expected) => {
  const all = {
    event: EVENT,
    target: { ...TARGET, ...target },
    isFiltered: false,
    statusThen: 'ACTIVE',
    isExpired: false,
  } as const;
  expect(noDeliveryReason({ ...all, ...facts })).toBe(expected);
});
