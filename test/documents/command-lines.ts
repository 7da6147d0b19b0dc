/** Shell blocks that only call npm: what they call, word by word. */

export type NpmCall = {
  /** ci, start, test or the name of a script. */
  readonly script: string;
  readonly words: readonly string[];
};

const NPM = /^npm (?:(ci|start|test)|run (?:-s )?([\w:]+)(?: -- (.+))?)$/;

/** A word, or several between quotes. */
const WORD = /"[^"]*"|\S+/g;

/** Its calls without comments; null for a block that does anything else. */
export function npmCalls(code: string): NpmCall[] | null {
  const commands = code
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
    .flatMap((line) => line.split(' && '));
  const calls = commands.map((command) => {
    const [, builtIn, script, words = ''] = NPM.exec(command) ?? [];
    const name = builtIn ?? script;
    return name === undefined ? null : { script: name, words: words.match(WORD) ?? [] };
  });
  return calls.every((call) => call !== null) ? calls : null;
}

export const isCommands = (code: string): boolean => npmCalls(code) !== null;
