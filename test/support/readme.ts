/** What the README tells a reader to type. */
import { readFile } from 'node:fs/promises';

/** Names of the metrics that the README speaks of. */
export async function readmeMetrics(): Promise<string[]> {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  return [...new Set(readme.match(/\b(hookcast|nodejs|process)_[a-z0-9_]*[a-z0-9]\b/g))];
}

/** The code blocks of this language in the section with this heading, in order. */
export async function readmeBlocks(heading: string, language: string): Promise<string[]> {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const [, section] = readme.split(`\n### ${heading}\n`);
  if (section === undefined) throw new Error(`The README has no section ${heading}`);
  const own = section.split(/\n##+ /)[0]!;
  return [...own.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, name, code]) =>
    name === language ? [code!] : [],
  );
}
