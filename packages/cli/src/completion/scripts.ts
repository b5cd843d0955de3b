/** The scripts that shells read: `source <(synwave completion bash)`. */
import type { CommandNode, OptionNode } from './tree.ts';

const HEAD = '# Completion of synwave, written by: synwave completion';

export function bashScript(tree: readonly CommandNode[]): string {
  const cases = tree.map(
    ({ name, options, words }) => `    ${name})
      case "$before" in
${options.flatMap(bashValue).join('')}      esac
      if [[ "$word" == -* ]]; then
        COMPREPLY=($(compgen -W "${options.flatMap(({ flags }) => flags).join(' ')}" -- "$word"))
      else
        ${words === 'file' ? 'COMPREPLY=($(compgen -f -- "$word"))' : `COMPREPLY=($(compgen -W "${words.join(' ')}" -- "$word"))`}
      fi
      ;;
`,
  );
  const names = tree.map(({ name }) => name).join(' ');
  return `${HEAD} bash
_synwave() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="" i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      --lang) ((i++)) ;;
      -*) ;;
      *) command="\${COMP_WORDS[i]}"; break ;;
    esac
  done
  if [[ -z "$command" ]]; then
    case "$before" in
      --lang) COMPREPLY=($(compgen -W "zh en" -- "$word")); return ;;
    esac
    if [[ "$word" == -* ]]; then
      COMPREPLY=($(compgen -W "--lang --version --help" -- "$word"))
    else
      COMPREPLY=($(compgen -W "${names}" -- "$word"))
    fi
    return
  fi
  case "$command" in
${cases.join('')}  esac
}
complete -o filenames -F _synwave synwave
`;
}

/** What may stand behind an option. */
function bashValue({ flags, value }: OptionNode): string[] {
  if (value === null) return [];
  const reply =
    value === 'any'
      ? 'return'
      : `COMPREPLY=($(compgen ${value === 'file' ? '-f' : `-W "${value.join(' ')}"`} -- "$word")); return`;
  return [`        ${flags.join('|')}) ${reply} ;;\n`];
}

export function zshScript(tree: readonly CommandNode[]): string {
  const cases = tree.map(({ name, options, words }) => {
    const specs = options.flatMap(({ flags, value }) => flags.map((flag) => `'${flag}${zshValue(value)}'`));
    return `    ${name}) _arguments -s ${specs.join(' ')} '*:word:${words === 'file' ? '_files' : `(${words.join(' ')})`}' ;;\n`;
  });
  return `#compdef synwave
${HEAD} zsh
_synwave() {
  local curcontext="$curcontext" state line
  _arguments -C '--lang[language]:language:(zh en)' '1:command:(${tree.map(({ name }) => name).join(' ')})' '*::word:->words'
  [[ $state == words ]] || return
  case $line[1] in
${cases.join('')}  esac
}
if [ "$funcstack[1]" = _synwave ]; then _synwave "$@"; else compdef _synwave synwave; fi
`;
}

function zshValue(value: OptionNode['value']): string {
  if (value === null) return '[]';
  return `[]:value:${value === 'file' ? '_files' : value === 'any' ? '' : `(${value.join(' ')})`}`;
}

export function fishScript(tree: readonly CommandNode[]): string {
  const names = tree.map(({ name }) => name).join(' ');
  const lines = tree.flatMap(({ name, options, words }) => {
    const inside = `complete -c synwave -n '__fish_seen_subcommand_from ${name}'`;
    return [
      ...options.map(({ flags, value }) => `${inside} ${flags.map(fishFlag).join(' ')}${fishValue(value)}`),
      ...(words === 'file' ? [] : [`${inside} -f -a '${words.join(' ')}'`]),
    ];
  });
  return `${HEAD} fish
complete -c synwave -n '__fish_use_subcommand' -f -a '${names}'
complete -c synwave -n '__fish_use_subcommand' -l lang -x -a 'zh en'
${lines.join('\n')}
`;
}

function fishFlag(flag: string): string {
  return flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`;
}

function fishValue(value: OptionNode['value']): string {
  if (value === null) return '';
  return value === 'file' ? ' -r -F' : value === 'any' ? ' -x' : ` -x -a '${value.join(' ')}'`;
}
