import { expect, test } from 'vitest';
import { mustBeNamed, organizationToldOf } from '../../../src/domain/event-types/service-event-types.ts';

test.each([
  ['a type of the catalog hookcast', 'target.disabled', 'a', true],
  ['a copy of one', 'target.disabled', 'b', true],
  ['a type for everybody, of its organization', 'target.created', 'a', false],
  ['a copy of an event of another organization', 'target.created', 'b', true],
  ['an event that does not say of whom it tells', 'target.created', undefined, false],
  ['a type that clients publish', 'wallet.created', 'b', false],
])('%s: whether a target of organization a must name it', (_, eventType, toldOf, expected) => {
  expect(mustBeNamed({ eventType, organizationId: 'a' }, toldOf)).toBe(expected);
});

test.each([
  ['{"data":{"organizationId":"a"}}', 'a'],
  ['{"data":{"organizationId":1}}', undefined],
  ['{"data":null}', undefined],
  ['{"data":"text"}', undefined],
  ['', undefined],
])('the organization that %s tells of is %s', (body, expected) => {
  expect(organizationToldOf(body)).toBe(expected);
});
