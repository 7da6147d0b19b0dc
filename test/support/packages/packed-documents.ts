/** The documents of a package: those of the repository, with links that lead to what the package holds. */
import { existsSync } from 'node:fs';
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';

/** Copies README.md and the documents of src. Everything else must be in `to` already. */
export async function copyDocuments(from: string, to: string): Promise<void> {
  const documents = await Array.fromAsync(glob(['README.md', 'src/**/*.md'], { cwd: from }));
  const isThere = (path: string): boolean => documents.includes(path) || existsSync(join(to, path));
  for (const document of documents) {
    const text = await readFile(join(from, document), 'utf8');
    await mkdir(dirname(join(to, document)), { recursive: true });
    await writeFile(join(to, document), fitLinks(text, document, isThere));
  }
}

/** Code, in which brackets are no link, or a link: its text, its path and its anchor. */
const CODE_OR_LINK = /^```[\s\S]*?^```$|`[^`\n]*`|\[([^[\]]*)\]\((?!\w+:|#)([^)\s#]+)(#[^)\s]*)?\)/gm;

/** A link to TypeScript leads to the JavaScript made of it, and one to what is not there becomes its text. */
export function fitLinks(text: string, document: string, isThere: (path: string) => boolean): string {
  return text.replace(CODE_OR_LINK, (found, shown?: string, link?: string, anchor = '') => {
    if (link === undefined) return found;
    const fitting = [link, link.replace(/\.ts$/, '.js')].find((each) => isThere(pathOf(document, each)));
    return fitting === undefined ? shown! : `[${shown}](${fitting}${anchor})`;
  });
}

/** The paths that a document links, from the root of the package. */
export const linkedPaths = (text: string, document: string): string[] =>
  [...text.matchAll(CODE_OR_LINK)].flatMap(([, , link]) => (link === undefined ? [] : [pathOf(document, link)]));

const pathOf = (document: string, link: string): string => posix.join(posix.dirname(document), link);
