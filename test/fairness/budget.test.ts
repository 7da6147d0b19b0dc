/** A budget of the event loop's time. */
import { expect, test } from 'vitest';
import { createBudget } from '../../src/fairness/budget.ts';

test('after 20 ms of work at a share of a fifth, it is closed for 80 ms', () => {
  const budget = createBudget(0.2);
  budget.look(0, 0);
  expect(budget.isOpen).toBe(true);
  budget.look(20, 20);
  expect(budget).toMatchObject({ isOpen: false, opensInMs: 80 });
  budget.look(20, 99);
  expect(budget.isOpen).toBe(false);
  budget.look(20, 100);
  expect(budget).toMatchObject({ isOpen: true, opensInMs: 0 });
});

test('what was not used is kept for 4 ms of work only', () => {
  const budget = createBudget(0.2);
  budget.look(0, 0);
  budget.look(0, 10_000);
  budget.look(5, 10_005);
  expect(budget.isOpen).toBe(true);
  budget.look(6, 10_006);
  expect(budget.isOpen).toBe(false);
});

test('work of any length is paid back with half a second', () => {
  const budget = createBudget(0.2);
  budget.look(0, 0);
  budget.look(10_000, 10_000);
  expect(budget.opensInMs).toBe(500);
});
