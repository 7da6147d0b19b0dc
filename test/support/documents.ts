/** The documents of the repository, as text: what they show a reader, and tell a reader to type. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

const ROOT = new URL('../../', import.meta.url).pathname;
const NOT_OURS = new Set(['node_modules', '.git', '.data', 'dist']);

export type Block = {
  /** Path in the repository, e.g. src/app/README.md. */
  readonly document: string;
  /** The last heading above it, of any level. */
  readonly heading: string;
  /** Empty when the block names none. */
  readonly language: string;
  readonly code: string;
  /** Of its first fence, from 1. */
  readonly line: number;
};

export const readDocument = (document: string): Promise<string> => readFile(join(ROOT, document), 'utf8');

/** Every document of the repository, as paths in it. */
export async function documentPaths(folder = ROOT): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = entries
    .filter(({ name }) => !NOT_OURS.has(name))
    .map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return documentPaths(path);
      return entry.name.endsWith('.md') ? [relative(ROOT, path)] : [];
    });
  return (await Promise.all(found)).flat().sort();
}

/** Its code blocks, in order. */
export async function blocksOf(document: string): Promise<Block[]> {
  const blocks: Block[] = [];
  let heading = '';
  let open: { language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of (await readDocument(document)).split('\n').entries()) {
    const fence = /^\s*```(\S*)/.exec(line);
    if (open && fence) {
      const { language, line, lines } = open;
      blocks.push({ document, heading, language, line, code: lines.map((text) => `${text}\n`).join('') });
      open = undefined;
    } else if (open) open.lines.push(line);
    else if (fence) open = { language: fence[1]!, line: index + 1, lines: [] };
    else heading = /^#+ (.+)$/.exec(line)?.[1] ?? heading;
  }
  if (open) throw new Error(`${document}: the code block of line ${open.line} has no end`);
  return blocks;
}

/**
 * The code of the blocks of a language below a heading, in order. Tests name all three as literal texts: by these
 * documents/blocks.test.ts knows which test runs a block.
 */
export async function codeBlocks(document: string, heading: string, language: string): Promise<string[]> {
  const blocks = (await blocksOf(document)).filter((block) => block.heading === heading && block.language === language);
  if (blocks.length === 0) throw new Error(`${document} has no block of ${language} under "${heading}"`);
  return blocks.map(({ code }) => code);
}

/** Names of the metrics that operators are told of. */
export async function documentedMetrics(): Promise<string[]> {
  const text = await readDocument('src/app/README.md');
  return [...new Set(text.match(/\b(hookcast|nodejs|process)_[a-z0-9_]*[a-z0-9]\b/g))];
}
