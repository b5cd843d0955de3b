/** Options that several commands have, and how their values are read. */
import { Option } from 'commander';
import type { Micros } from 'synwave';
import { UserError } from './errors.ts';
import { languageNames } from './language.ts';
import { DEFAULT_LINK, type LinkName, parseLink } from './link.ts';
import { parseDuration, parsePercent, parseSeed } from './values.ts';

/** The link of a host, and what befalls packets there, both ways. */
export interface LinkOptions {
  readonly link: LinkName;
  readonly delay: Micros;
  readonly jitter: Micros;
  readonly loss: number;
  readonly reorder: number;
  readonly duplicate: number;
  readonly corrupt: number;
  readonly seed: number | string;
}

/** An option whose value is read by `parse`; what is wrong with the value is told with the option's name. */
export function valued(name: string, value: string, parse: (text: string) => unknown): Option {
  return new Option(`${name} ${value}`).argParser((text: string) => {
    try {
      return parse(text);
    } catch (error) {
      throw error instanceof UserError ? new UserError(`${name}: ${error.message}`) : error;
    }
  });
}

/** Options of every command whose host has a link out of the process. */
export function linkOptions(): Option[] {
  return [
    valued('--link', '<link>', parseLink).default(DEFAULT_LINK),
    valued('--delay', '<time>', parseDuration).default(0),
    valued('--jitter', '<time>', parseDuration).default(0),
    valued('--loss', '<share>', parsePercent).default(0),
    valued('--reorder', '<share>', parsePercent).default(0),
    valued('--duplicate', '<share>', parsePercent).default(0),
    valued('--corrupt', '<share>', parsePercent).default(0),
    valued('--seed', '<seed>', parseSeed).default(1),
    new Option('--lang <language>').choices(languageNames),
  ];
}
