import { expect, test } from 'vitest';
import { visibleLine, visibleLines } from '../../../src/console/ui/visible.ts';
import { spentCpuMs } from '../../../src/domain/schemas/budget.ts';

test('text without surprises stays as it is, in any script', () => {
  for (const text of ['{"a": [1, 2]}\n\tnext', '<b>&amp;', 'سلام‌ها', '家族', '👨‍👩‍👧', 'naïve ½', '']) {
    expect(visibleLines(text)).toBe(text);
  }
});

test('characters that turn the direction of the text are written out', () => {
  expect(visibleLines('pay \u202Elive\u202C now')).toBe('pay ⟨U+202E⟩live⟨U+202C⟩ now');
  expect(visibleLines('\u2066a\u2069\u200F\u061C')).toBe('⟨U+2066⟩a⟨U+2069⟩⟨U+200F⟩⟨U+061C⟩');
});

test('halves of surrogate pairs are written out, whole pairs are not', () => {
  expect(visibleLines('a\uD800b\uDC00')).toBe('a⟨U+D800⟩b⟨U+DC00⟩');
  expect(visibleLines('\uD83D\uDE00')).toBe('😀');
});

test('controls and what has no width are written out', () => {
  expect(visibleLines('\u0000\u001B[31m\u007F\u200B\uFEFF')).toBe('⟨U+0000⟩⟨U+001B⟩[31m⟨U+007F⟩⟨U+200B⟩⟨U+FEFF⟩');
  expect(visibleLines('a\u{E0041}b\u2028c')).toBe('a⟨U+E0041⟩b⟨U+2028⟩c');
});

test('lines end as they do in the text, and a carriage return alone hides nothing', () => {
  expect(visibleLines('one\r\ntwo\nthree\rfour')).toBe('one\r\ntwo\nthree⟨U+000D⟩four');
});

test('in one line there are no lines', () => {
  expect(visibleLine('a\tb\nc\r\n')).toBe('a⟨U+0009⟩b⟨U+000A⟩c⟨U+000D⟩⟨U+000A⟩');
});

test('a line of 256 KiB of turns costs no more than a moment', () => {
  const text = '\u202E'.repeat(262_144);
  const begunMs = spentCpuMs();
  expect(visibleLines(text)).toHaveLength(8 * 262_144);
  expect(spentCpuMs() - begunMs).toBeLessThan(2_000);
});
