/**
 * One line without control characters, shortened: a text of somebody else must not move the cursor of a terminal. `most`: how many
 * characters are shown; default: 120.
 */
export function printable(text: string, most = 120): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return line.length > most ? `${line.slice(0, most)}…` : line;
}
