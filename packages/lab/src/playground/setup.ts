/** Setup: what is built in the playground now, and how it is changed; each change plays the run anew. */
import { chosen, failure, recording, show } from '../state/run.ts';
import type { HostSetup, LinkSetup, ServerSetup, Setting, Setup } from '../state/setup.ts';

/** More hosts than this find no room beside each other. */
export const MOST_HOSTS = 6;

/** The playground as it is found. */
const first: Setup = {
  profile: 'rfc',
  config: {},
  hosts: [
    { name: 'client', title: { zh: '客户端 A', en: 'client A' } },
    { name: 'server', title: { zh: '服务器 B', en: 'server B' } },
  ],
  links: [{ between: ['client', 'server'], delay: '20 ms' }],
  script: [],
};

/** What stands for what the scenario says; begins as the playground is found. Read in a component, it follows the run. */
export function setupNow(): Setup {
  return (recording.value === null ? null : chosen()?.setup) ?? first;
}

/** Plays what was built. What the reader has done stays if the hosts and cables are the same. */
export async function build(setup: Setup): Promise<void> {
  const before = setupNow();
  const isSame = shapeOf(before) === shapeOf(setup);
  const interventions = isSame ? (chosen()?.interventions ?? []) : [];
  const wanted = { id: 'playground', variant: null, seed: chosen()?.seed ?? null, interventions, setup };
  await show(wanted, Number.POSITIVE_INFINITY);
  // What was done then may make no sense now: a socket that another server has not accepted.
  if (failure.value !== null && interventions.length > 0) await show({ ...wanted, interventions: [] }, 0);
}

export function reset(): Promise<void> {
  return build(first);
}

export function withHost(setup: Setup): Setup {
  const taken = new Set(setup.hosts.map(({ name }) => name));
  const letter = ['c', 'd', 'e', 'f', 'g', 'h', 'a', 'b'].find((each) => !taken.has(each)) ?? 'x';
  const title = { zh: `主机 ${letter.toUpperCase()}`, en: `host ${letter.toUpperCase()}` };
  const last = setup.hosts.at(-1);
  const links = last === undefined ? setup.links : [...setup.links, cable(last.name, letter)];
  return { ...setup, hosts: [...setup.hosts, { name: letter, title }], links };
}

export function withoutHost(setup: Setup, host: string): Setup {
  return {
    ...setup,
    hosts: setup.hosts.filter(({ name }) => name !== host),
    links: setup.links.filter(({ between }) => !between.includes(host)),
    script: setup.script.filter(({ who }) => who !== host),
  };
}

export function renamed(setup: Setup, host: string, title: string): Setup {
  const change = (each: HostSetup): HostSetup =>
    each.name === host ? { ...each, title: { zh: title, en: title } } : each;
  return { ...setup, hosts: setup.hosts.map(change) };
}

/** Joins two hosts, or cuts what joins them. */
export function joinedOrCut(setup: Setup, a: string, b: string): Setup {
  const links = setup.links.filter((link) => !isBetween(link, a, b));
  return { ...setup, links: links.length < setup.links.length ? links : [...links, cable(a, b)] };
}

export function isBetween({ between }: LinkSetup, a: string, b: string): boolean {
  return between.includes(a) && between.includes(b);
}

/** The server of a host: which app on which port. Null: none. */
export function serverOf(
  setup: Setup,
  host: string,
): { readonly port: number; readonly app: ServerSetup['app'] } | null {
  const line = setup.script.find((each) => isServerOf(each, host));
  if (line === undefined) return null;
  const app: unknown = line.app; // in a file that was opened it may be a name alone
  return { port: line.port ?? 80, app: typeof app === 'string' ? { name: app } : line.app };
}

/** Null: no server on that host. */
export function withServer(setup: Setup, who: string, server: Omit<ServerSetup, 'who' | 'do'> | null): Setup {
  const others = setup.script.filter((each) => !isServerOf(each, who));
  return { ...setup, script: server === null ? others : [{ who, do: 'listen', ...server }, ...others] };
}

function isServerOf(line: ServerSetup, host: string): boolean {
  return line.who === host && line.do === 'listen' && line.app !== undefined;
}

/** Null: as the profile has it. */
export function withConfig(setup: Setup, name: string, value: Setting | null): Setup {
  const { [name]: _before, ...others } = setup.config;
  return { ...setup, config: value === null ? others : { ...others, [name]: value } };
}

function cable(a: string, b: string): LinkSetup {
  return { between: [a, b], delay: '20 ms' };
}

function shapeOf({ hosts, links }: Setup): string {
  return JSON.stringify([hosts.map(({ name }) => name), links.map(({ between }) => between)]);
}
