import { readArguments, UsageError, type Command } from './command.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Told of all commands, which this one cannot import: they have it among them. */
export const createCompletion = (loadCommands: () => Promise<ReadonlyMap<string, Command>>): Command => ({
  summary: 'print what makes a shell complete commands and options',
  help: `Usage: hookcast completion SHELL

Prints a script for ${SHELLS.join(', ')}: Tab then completes commands and their options.

Output: the script

Examples:
  hookcast completion bash > ~/.local/share/bash-completion/completions/hookcast
  hookcast completion zsh > ~/.zsh/completions/_hookcast
  hookcast completion fish > ~/.config/fish/completions/hookcast.fish`,
  async run(args) {
    const { positionals } = readArguments(args, { positionals: [`SHELL: ${SHELLS.join(', ')}`] });
    const shell = SHELLS.find((name) => name === positionals[0]);
    if (!shell) throw new UsageError(`Expected ${SHELLS.join(', ')}, got ${JSON.stringify(positionals[0])}.`);
    return { text: SCRIPTS[shell](completionsOf(await loadCommands())) };
  },
});

/** What may follow what was typed so far: "" begins a command, "targets" is a group, "targets list" a whole command. */
export type Completions = ReadonlyMap<string, readonly string[]>;

/** Of the names of the commands, and of the options that their help shows. */
export function completionsOf(commands: ReadonlyMap<string, Command>): Completions {
  const completions = new Map<string, string[]>([['', []]]);
  const add = (after: string, words: readonly string[]): void => {
    const known = completions.get(after) ?? [];
    completions.set(after, [...known, ...words.filter((word) => !known.includes(word))]);
  };
  for (const [name, { help }] of commands) {
    const [first, second] = name.split(' ');
    add('', [first!]);
    if (second !== undefined) add(first!, [second]);
    add(name, [...optionsIn(help), '--help']);
  }
  return completions;
}

/** Options stand at the begin of their lines in a help. */
const optionsIn = (help: string): string[] => [...help.matchAll(/^  (--[a-z-]+)/gm)].map(([, option]) => option!);

const casesOf = (completions: Completions, toCase: (after: string, words: string) => string): string =>
  [...completions].map(([after, words]) => toCase(after, words.join(' '))).join('\n');

const SCRIPTS = {
  bash: (completions: Completions) => `# bash completion for hookcast
_hookcast() {
  local current="\${COMP_WORDS[COMP_CWORD]}" typed="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) break ;; esac
    case "$typed" in *" "*) break ;; esac
    typed="\${typed:+$typed }$word"
  done
  local words=""
  case "$typed" in
${casesOf(completions, (after, words) => `    "${after}") words="${words}" ;;`)}
    *) case "\${typed% *}" in
${casesOf(completions, (after, words) => `      "${after}") words="${words}" ;;`)}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _hookcast hookcast`,

  zsh: (completions: Completions) => `#compdef hookcast
_hookcast() {
  local typed="" word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ "$word" == -* || "$typed" == *" "* ]] && break
    typed="\${typed:+$typed }$word"
  done
  local -A after=(
${casesOf(completions, (after, words) => `    "${after || 'hookcast'}" "${words}"`)}
  )
  local known="\${after[\${typed:-hookcast}]:-\${after[\${typed% *}]}}"
  compadd -- \${=known} || _files
}
compdef _hookcast hookcast`,

  fish: (completions: Completions) => `# fish completion for hookcast
function __hookcast_words
  set -l typed
  for word in (commandline -opc)[2..]
    string match -q -- '-*' $word; and break
    test (count $typed) -eq 2; and break
    set -a typed $word
  end
  for name in "$typed" "$typed[1]"
    switch "$name"
${casesOf(completions, (after, words) => `      case '${after}'\n        string split ' ' -- '${words}'; return`)}
    end
  end
end
complete -c hookcast -a '(__hookcast_words)'`,
} as const satisfies Readonly<Record<(typeof SHELLS)[number], (completions: Completions) => string>>;
