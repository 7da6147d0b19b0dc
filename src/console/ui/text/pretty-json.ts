/** JSON text with line breaks and indents. No token is changed: numbers keep every digit, and texts keep their escapes. */

/** Deeper, the indents are longer than the text. An event has at most 100 levels. */
const MAX_DEPTH = 100;
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Null when the text is not JSON, or is nested deeper than 100 levels. */
export function prettyJson(text: string): string | null {
  if (!isJson(text)) return null;
  let [out, depth, before] = ['', 0, ''];
  for (const [token] of text.matchAll(TOKEN)) {
    const isOpening = token === '{' || token === '[';
    const isClosing = token === '}' || token === ']';
    if (isClosing) depth--;
    const isEmpty = isClosing && (before === '{' || before === '[');
    const startsLine = before === '{' || before === '[' || before === ',' || isClosing;
    if (startsLine && !isEmpty) out += `\n${'  '.repeat(depth)}`;
    out += token === ':' ? ': ' : token;
    if (isOpening && ++depth > MAX_DEPTH) return null;
    before = token;
  }
  return out;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The pretty text of one member of an object, with every digit; null when there is none. */
export function memberText(text: string, name: string): string | null {
  const lines = prettyJson(text)?.split('\n') ?? [];
  const start = `  ${JSON.stringify(name)}: `;
  const first = lines.findIndex((line) => line.startsWith(start));
  if (first === -1) return null;
  // A member of the object itself begins after exactly two blanks; its own members and its last bracket stand behind more.
  const length = lines.slice(first + 1).findIndex((line) => /^ {2}"|^\}/.test(line));
  const own = [lines[first]!.slice(start.length), ...lines.slice(first + 1, first + 1 + length)];
  return own
    .map((line, nth) => (nth === 0 ? line : line.slice(2)))
    .join('\n')
    .replace(/,$/, '');
}
