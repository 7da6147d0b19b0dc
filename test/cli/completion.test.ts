/** What each shell completes, asked of the shell itself where it is installed. */
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { completionsOf } from '../../src/cli/completion.ts';
import { loadCommands } from '../../src/cli/commands.ts';
import { runCli } from '../support/cli.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { runProcess } from '../support/processes/start.ts';

/** A program of each shell that reads the script, and prints what may stand for the last word of a line. */
const ASK: Readonly<Record<string, (script: string, words: readonly string[]) => string>> = {
  bash: (script, words) => `. ${script}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_hookcast; printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: (script, words) => `compdef() { :; }; compadd() { shift; print -l -- "$@" }
. ${script}; words=(${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length}; _hookcast`,
  fish: (script, words) => `. ${script}; complete -C '${words.join(' ')}' | string match -r '^[^\\t]+'`,
};

const LINES: readonly [line: string, offered: string[], others: string[]][] = [
  ['', ['serve', 'listen', 'targets', 'completion'], ['list', '--events']],
  ['targets ', ['list', 'create', 'rotate-secret'], ['serve']],
  ['targets create ', ['--events', '--name', '--url'], ['list']],
  ['listen 3000 --concurrency 4 --', ['--events', '--print-secret', '--help'], ['targets']],
];

test.for(['bash', 'zsh', 'fish'])('%s completes commands, groups and options', async (shell, context) => {
  const { exitCode, stdout } = await runCli(['completion', shell]);
  expect(exitCode).toBe(0);
  const isInstalled = await runProcess(shell, ['--version']).then(
    () => true,
    () => false,
  );
  if (!isInstalled) context.skip(`${shell} is not installed`);
  await using folder = await createFolder('hookcast-completion-');
  const script = join(folder.path, 'hookcast');
  await writeFile(script, stdout);
  for (const [line, offered, others] of LINES) {
    const typed = ['hookcast', ...line.split(' ')];
    const said = (await runProcess(shell, ['-c', ASK[shell]!(script, typed)])).stdout.split('\n');
    expect(said, line).toEqual(expect.arrayContaining(offered));
    for (const other of others) expect(said, line).not.toContain(other);
  }
});

test('every command and every option in its help can be completed', async () => {
  const commands = await loadCommands();
  const completions = completionsOf(commands);
  for (const [name, { help }] of commands) {
    const words = completions.get(name)!;
    for (const [, option] of help.matchAll(/^  (--[a-z-]+)/gm)) expect(words).toContain(option);
    expect(completions.get(name.includes(' ') ? name.split(' ')[0]! : '')).toContain(name.split(' ').at(-1));
  }
});
