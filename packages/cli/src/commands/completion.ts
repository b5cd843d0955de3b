/** `synwave completion`: a script for the shell, by which it completes commands, options and their choices. */
import { Argument, Command } from 'commander';
import { bashScript, fishScript, zshScript } from '../completion/scripts.ts';
import { treeOf } from '../completion/tree.ts';
import { type Language, textIn } from '../language.ts';
import { languageOption } from '../options.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** The command, for the program to take in. */
export function completionCommand(language: Language): Command {
  const text = textIn(language);
  return new Command('completion')
    .addArgument(new Argument('<shell>').choices(Object.keys(scripts)))
    .addOption(languageOption())
    .configureHelp({ formatHelp: () => text.helpCompletion })
    .action((shell: keyof typeof scripts, _options: unknown, self: Command) => {
      process.stdout.write(scripts[shell](treeOf(self.parent ?? self)));
    });
}
