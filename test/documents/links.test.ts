/** What a document names in the repository is there, and no document is hard to find. */
import { access } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { documentPaths, readDocument } from '../support/documents.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const documents = await documentPaths();

/** The anchor that a heading gets: lower case, without punctuation, words joined by hyphens. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

async function anchorsOf(document: string): Promise<string[]> {
  const prose = (await readDocument(document)).replace(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Why the link leads nowhere; null when it leads somewhere, or out of the repository. */
async function faultOf(document: string, link: string): Promise<string | null> {
  if (/^https?:/.test(link)) return null;
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? document : normalize(join(document, '..', path));
  if (!(await isThere(join(ROOT, file)))) return `${link}: there is no ${file}`;
  if (anchor === undefined || (await anchorsOf(file)).includes(anchor)) return null;
  return `${link}: ${file} has no heading for it`;
}

test.each(documents)('every link of %s leads to a file and a heading that exist', async (document) => {
  const prose = (await readDocument(document)).replace(/^```[\s\S]*?^```$/gm, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  const faults = await Promise.all(links.map((link) => faultOf(document, link)));
  expect(faults.filter((fault) => fault !== null)).toEqual([]);
});

const PATH = /^(?:src|test|prisma)\/[\w./-]+$/;

test.each(documents)('every path of the repository that %s names exists', async (document) => {
  const prose = (await readDocument(document)).replace(/^```[\s\S]*?^```$/gm, '');
  const paths = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!).filter((span) => PATH.test(span));
  const there = await Promise.all(paths.map((path) => isThere(join(ROOT, path))));
  expect(paths.filter((_, index) => !there[index])).toEqual([]);
});

test('the README links every other document, except the few lines at the door of a room', async () => {
  const readme = await readDocument('README.md');
  const texts = await Promise.all(documents.map(async (path) => ({ path, text: await readDocument(path) })));
  const long = texts.filter(({ path, text }) => path !== 'README.md' && text.split('\n').length > 30);
  expect(long.filter(({ path }) => !readme.includes(`](${path})`)).map(({ path }) => path)).toEqual([]);
});
