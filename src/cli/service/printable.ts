const SHOWN_CHARACTERS = 120;

/** One line without control characters, shortened: a text of somebody else must not move the cursor of a terminal. */
export function printable(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}
