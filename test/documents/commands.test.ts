/** Every npm command that a document shows exists, and takes the words that the document gives it. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import manifest from '../../package.json' with { type: 'json' };
import { blocksOf, documentPaths } from '../support/documents.ts';
import { type NpmCall, npmCalls } from './command-lines.ts';

const SCRIPTS: Readonly<Record<string, string>> = manifest.scripts;

const blocks = (await Promise.all((await documentPaths()).map(blocksOf))).flat();
const calls = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ document, code }) => (npmCalls(code) ?? []).map((call) => ({ document, ...call })));

/** What the program of a script says of its words: the help of a command of ours, else its source. */
async function explain({ script, words }: NpmCall): Promise<string> {
  if (script === 'demo') return (await COMMANDS.get('demo')!()).help;
  if (script === 'hookcast') {
    const name = [2, 1].map((count) => words.slice(0, count).join(' ')).find((text) => COMMANDS.has(text));
    return name === undefined ? '' : (await COMMANDS.get(name)!()).help;
  }
  const [, file] = /^(?:exec )?node (\S+)/.exec(SCRIPTS[script]!) ?? [];
  return file === undefined ? '' : readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
}

/** `--only` and `only:` are the same option, in a help and in the source. */
const knows = (text: string, word: string): boolean =>
  word.startsWith('--') ? new RegExp(`--${word.slice(2)}\\b|\\b${word.slice(2)}: \\{`).test(text) : text.includes(word);

test('the documents show commands of every kind', () => {
  expect(calls.length).toBeGreaterThan(15);
});

test.each(calls)('$document: npm run $script $words', async (call) => {
  if (call.script !== 'ci') expect(Object.keys(SCRIPTS)).toContain(call.script);
  const text = call.words.length > 0 ? await explain(call) : '';
  // What follows an option is its value: no program lists the values it takes, but for the parts of a suite.
  const names = call.words.filter((word, index) => word.startsWith('--') || !call.words[index - 1]?.startsWith('--'));
  for (const word of names) expect(knows(text, word), word).toBe(true);
});
