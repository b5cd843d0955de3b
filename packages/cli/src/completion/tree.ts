/** The commands with their options and what these may be, as the program itself has them. */
import type { Command } from 'commander';

export interface OptionNode {
  /** `-p` and `--port`. */
  readonly flags: readonly string[];
  /** What its value may be: some words, a file, or anything; null: it has no value. */
  readonly value: readonly string[] | 'file' | 'any' | null;
}

export interface CommandNode {
  readonly name: string;
  readonly options: readonly OptionNode[];
  /** What its first word may be. */
  readonly words: readonly string[] | 'file';
}

/** Options whose value is the name of a file or a folder. */
const FILES = ['--file', '--write', '--read', '--upload'];

export function treeOf(program: Command): readonly CommandNode[] {
  return program.commands.map((command) => ({
    name: command.name(),
    options: [...command.options.map(optionOf), { flags: ['-h', '--help'], value: null }],
    words: command.registeredArguments[0]?.argChoices ?? 'file',
  }));
}

function optionOf(option: Command['options'][number]): OptionNode {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined && flag !== null);
  if (!option.required && !option.optional) return { flags, value: null };
  if (option.argChoices !== undefined) return { flags, value: option.argChoices };
  return { flags, value: flags.some((flag) => FILES.includes(flag)) ? 'file' : 'any' };
}
