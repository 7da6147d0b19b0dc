/**
 * Text of others, such as an answer or a name, as text that shows all that it is made of. Characters that draw nothing, or that
 * turn the direction of what follows, are written out: a body cannot look like another one. Markup needs nothing: React writes
 * text.
 */

/**
 * Controls, marks of direction (Unicode UAX 9), characters without width, line ends that no editor shows, tag characters, and
 * halves of surrogate pairs. U+200C and U+200D stay: Persian and emoji need them.
 */
const UNSEEN =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}\p{Cs}]|\r(?!\n)/gu;

const nameOf = (character: string): string =>
  `⟨U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`;

/** Text of several lines: an answer, a body. */
export const visibleLines = (text: string): string => text.replace(UNSEEN, nameOf);

/** Text for one line: a name, a header, an id. */
export const visibleLine = (text: string): string => visibleLines(text).replace(/[\t\n\r]/g, nameOf);
