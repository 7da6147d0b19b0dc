/** No code block of a document is only read: a test runs each of them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Block, blocksOf, documentPaths } from '../support/documents.ts';
import { LANGUAGES } from '../support/receivers/languages.ts';
import { isCommands } from './command-lines.ts';

const TEST = new URL('../', import.meta.url).pathname;
const EXAMPLES = join(TEST, 'support/examples');

const PROGRAMS = new Set(['ts', 'tsx', 'js', 'python', 'go', 'java', 'rust', 'toml', 'php', 'ruby']);

const blocks = (await Promise.all((await documentPaths()).map(blocksOf))).flat();

async function readTests(): Promise<string[]> {
  const files = await readdir(TEST, { recursive: true, withFileTypes: true });
  const tests = files.filter(({ name }) => name.endsWith('.test.ts'));
  return Promise.all(tests.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8')));
}

/** Whether a test runs the example of this name; receivers.test.ts names those of the guide by their framework. */
function isRunBy(text: string, name: string): boolean {
  const [, framework] = /^receive-(\w+)$/.exec(name) ?? [];
  const [, frameworks = ''] = /^const frameworks = \[(.*)\];$/m.exec(text) ?? [];
  return text.includes(name) || (framework !== undefined && frameworks.includes(`'${framework}'`));
}

/** The code that is run: files of the examples that a test names, receivers in other languages, and doc comments. */
async function readExamples(tests: readonly string[]): Promise<Set<string>> {
  const all = (await readdir(EXAMPLES)).filter((name) => name.includes('.'));
  const names = all.filter((name) => tests.some((text) => isRunBy(text, name.replace(/\.tsx?$/, ''))));
  const files = await Promise.all(names.map((name) => readFile(join(EXAMPLES, name), 'utf8')));
  const receivers = LANGUAGES.flatMap(({ files: each }) => each.map((name) => join(EXAMPLES, 'languages', name)));
  const others = await Promise.all(receivers.map((file) => readFile(file, 'utf8'))); // verify/receivers.languages.test.ts
  const verify = await readFile(new URL('../../src/verify/index.ts', import.meta.url), 'utf8');
  const comments = [...verify.matchAll(/^ \* ```ts\n([\s\S]*?)^ \* ```$/gm)].map(([, code]) =>
    code!.replace(/^ \* ?/gm, ''),
  );
  return new Set([...files, ...others, ...comments]); // test/verify/examples.test.ts runs the comments.
}

const place = ({ document, heading, line }: Block) => `${document}:${line}, under "${heading}"`;

test('a test runs every code block of every document', async () => {
  const tests = await readTests();
  const examples = await readExamples(tests);
  const calls = tests.flatMap((text) => [...text.matchAll(/codeBlocks\(\s*'([^']+)',\s*'([^']+)',\s*'(\w+)'/g)]);
  const claimed = new Set(calls.map(([, ...names]) => names.join('|')));
  const isRun = (block: Block): boolean => {
    const { document, heading, language, code } = block;
    if (PROGRAMS.has(language)) return examples.has(code);
    if (language === 'graphql') return true; // graphql.test.ts runs them all.
    return (language === 'sh' && isCommands(code)) || claimed.has([document, heading, language].join('|'));
  };
  expect(blocks.length).toBeGreaterThan(30);
  expect(blocks.filter((block) => !isRun(block)).map(place)).toEqual([]);
});

test('every block says its language', () => {
  expect(blocks.filter(({ language }) => language === '').map(place)).toEqual([]);
});
