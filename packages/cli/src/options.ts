/** Options that several commands have, and how their values are read. */
import { Option } from 'commander';
import type { Micros } from 'synwave';
import { type Placed, parsePlaced } from './addresses.ts';
import { UserError } from './errors.ts';
import { languageNames } from './language.ts';
import { DEFAULT_LINK, type LinkName, parseLink } from './link.ts';
import { parseDuration, parsePercent, parseSeed } from './values.ts';

/** The link of a host, and what befalls packets there, both ways. */
export interface LinkOptions {
  readonly link: LinkName;
  /** Of the host; what suits the link unless given. */
  readonly address?: readonly Placed[];
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

/** The same for one that may stand there several times: its value is the list. */
export function several(name: string, value: string, parse: (text: string) => unknown): Option {
  const all: unknown[] = [];
  return valued(name, value, (text) => {
    all.push(parse(text));
    return all;
  });
}

/** The same for a command that has a world of its own, unless it is given a link. */
export interface PlaceOptions extends Partial<Omit<LinkOptions, 'link' | 'seed'>> {
  /** Null: the internet that is simulated. What befalls packets does so on its long cable then. */
  readonly link: LinkName | null;
  readonly seed: number | string;
}

/** Options of every command whose host has a link out of the process. */
export function linkOptions(): Option[] {
  return [
    valued('--link', '<link>', parseLink).default(DEFAULT_LINK),
    addressOption(),
    ...impairments().map((option) => option.default(0)),
    ...common(),
  ];
}

/** Options of every command that shows something of the simulated internet, unless it is given a link. */
export function placeOptions(): Option[] {
  const parse = (text: string): LinkName | null => (text === 'mem' ? null : parseLink(text));
  return [valued('--link', '<link>', parse).default(null), addressOption(), ...impairments(), ...common()];
}

function addressOption(): Option {
  return several('--address', '<address>', parsePlaced);
}

function impairments(): Option[] {
  return [
    valued('--delay', '<time>', parseDuration),
    valued('--jitter', '<time>', parseDuration),
    valued('--loss', '<share>', parsePercent),
    valued('--reorder', '<share>', parsePercent),
    valued('--duplicate', '<share>', parsePercent),
    valued('--corrupt', '<share>', parsePercent),
  ];
}

/** In which language a command speaks. */
export function languageOption(): Option {
  return new Option('--lang <language>').choices(languageNames);
}

function common(): Option[] {
  return [valued('--seed', '<seed>', parseSeed).default(1), languageOption()];
}
