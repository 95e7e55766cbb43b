import type { Command } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

interface Words {
  readonly command: string;
  readonly words: readonly string[];
}

/** A script that completes commands and options in a shell, written from the commands themselves. */
export function completionScript(shell: Shell, program: Command): string {
  const commands = program.commands.filter((command) => command.name() !== 'help');
  const rows = commands.flatMap((command): Words[] => [wordsOf(command.name(), command), ...command.commands.map((sub) => wordsOf(`${command.name()} ${sub.name()}`, sub))]);
  const names = commands.map((command) => command.name());
  return shell === 'fish' ? fish(commands) : shell === 'zsh' ? `#compdef deadheat\nautoload -U +X bashcompinit && bashcompinit\n${bash(names, rows)}` : bash(names, rows);
}

function wordsOf(name: string, command: Command): Words {
  return { command: name, words: [...command.commands.map((sub) => sub.name()), ...command.options.map((option) => option.long!)] };
}

function bash(names: readonly string[], rows: readonly Words[]): string {
  const cases = [...rows].sort((a, b) => b.command.length - a.command.length).map(({ command, words }) => `    '${command}'*) words='${words.join(' ')}' ;;`);
  return `_deadheat() {
  local current="\${COMP_WORDS[COMP_CWORD]}" said words
  said="\${COMP_WORDS[*]:1:COMP_CWORD-1}"
  case "$said" in
${cases.join('\n')}
    *) words='${names.join(' ')}' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ \${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _deadheat deadheat
`;
}

function fish(commands: readonly Command[]): string {
  const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const lines = commands.flatMap((command) => [
    `complete -c deadheat -n __fish_use_subcommand -a ${command.name()} -d ${quoted(command.description())}`,
    ...command.commands.map((sub) => `complete -c deadheat -n '__fish_seen_subcommand_from ${command.name()}' -a ${sub.name()} -d ${quoted(sub.description())}`),
    ...[command, ...command.commands].flatMap(({ options }) => options).map((option) => `complete -c deadheat -n '__fish_seen_subcommand_from ${command.name()}' -l ${option.long!.slice(2)} -d ${quoted(option.description)}`),
  ]);
  return `${[...new Set(lines)].join('\n')}\n`;
}
