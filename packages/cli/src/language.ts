/** In which language the command speaks: as asked, or as the environment says. */
import { en } from './text/en.ts';
import type { Text } from './text/text.ts';
import { zh } from './text/zh.ts';

const languages = { en, zh } as const;

export type Language = keyof typeof languages;

export const languageNames: readonly Language[] = ['zh', 'en'];

/**
 * The language of the environment (POSIX: the first of LC_ALL, LC_MESSAGES and LANG that is set), unless the arguments
 * hold `--lang`, which help must heed before anything else is read.
 */
export function languageOf(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Language {
  const at = args.findIndex((arg) => arg === '--lang' || arg.startsWith('--lang='));
  const asked = at < 0 ? undefined : args[at]?.slice('--lang='.length) || args[at + 1];
  const known = languageNames.find((name) => name === asked);
  if (known !== undefined) return known;
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return locale.startsWith('zh') ? 'zh' : 'en';
}

/** Everything that the command says, in that language. */
export function textIn(language: Language): Text {
  return languages[language];
}
