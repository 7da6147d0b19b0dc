/** The look of the portal, as the site around it wants it. */
import { expect, test } from 'vitest';
import { readLook } from '../../../src/console/portal/look.ts';

const lookOf = (accent: string) => readLook(String(new URLSearchParams({ accent }))).properties;

test('the text on an accent is black or white, whichever reads better', () => {
  expect(lookOf('#ffe000')['--on-accent']).toBe('#000000');
  expect(lookOf('#6a1b9a')['--on-accent']).toBe('#ffffff');
});

test.each([
  ['yellow', '#ffe000', 'var(--text)', '#ffe000'],
  ['violet', '#6a1b9a', '#6a1b9a', 'var(--text)'],
  ['a blue in the middle', '#2f6fe4', '#2f6fe4', '#2f6fe4'],
])('a mark in %s has the colour of text where it would not stand out', (_, accent, onLight, onDark) => {
  expect(lookOf(accent)).toMatchObject({ '--mark-on-light': onLight, '--mark-on-dark': onDark });
});

test('what is not exactly as expected is left out', () => {
  const given = 'accent=red&radius=25&font=a;b&theme=blue';
  expect(readLook(given)).toEqual({ properties: {} });
});
