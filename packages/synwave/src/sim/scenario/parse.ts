/** The way from a scenario file to a Scenario: everything is looked at, and what makes no sense is told with its place. */
import type { Impairments } from '../../link/impair.ts';
import { profiles, rfcProfile, type TcpConfig } from '../../tcp/config.ts';
import { parseFault } from '../fault-text.ts';
import { parseMatch } from '../match.ts';
import { parsePattern } from './pattern.ts';
import { Reader } from './reader.ts';
import type {
  Action,
  AppPlan,
  Challenge,
  Content,
  Deed,
  DeedName,
  FaultPlan,
  HostPlan,
  LinkPlan,
  Misconception,
  Plot,
  Prediction,
  Question,
  Scenario,
  StepPlan,
  Variant,
  When,
} from './scenario.ts';
import { parseSpan } from './units.ts';

const MTU = 1500;

/** Reads a scenario from the value of its JSON file. Throws ScenarioError, which names the place in the file. */
export function parseScenario(value: unknown): Scenario {
  const reader = new Reader(value, '');
  if (reader.has('program'))
    throw reader.wrong('program', 'a scenario of a program is run by `synwave run` and by tests alone');
  const id = checkedId(reader);
  const number = reader.has('number') ? reader.number('number') : null;
  const head = { id, number, title: reader.words('title'), summary: reader.words('summary') };
  const plot = readPlot(reader, null);
  const variants = reader.list('variants').map((each): Variant => {
    const variant = { id: each.text('id'), title: each.words('title'), plot: readPlot(each, plot) };
    each.end();
    return variant;
  });
  const scenario: Scenario = {
    ...head,
    plot,
    variants,
    predict: reader.list('predict').map((each) => readPrediction(each, plot)),
    misconceptions: reader.list('misconceptions').map(readMisconception),
    questions: reader.list('questions').map(readQuestion),
    challenge: reader.has('challenge') ? readChallenge(reader.section('challenge')) : null,
  };
  reader.end();
  return scenario;
}

/** The name of a scenario. Throws ScenarioError. */
export function checkedId(reader: Reader): string {
  const id = reader.text('id');
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) throw reader.wrong('id', 'expected small letters, digits and dashes');
  return id;
}

/** What runs; in a variant, what is left out is as in the scenario itself. */
function readPlot(reader: Reader, base: Plot | null): Plot {
  const list = <T>(name: string, read: (each: Reader) => T, otherwise: readonly T[] | undefined): readonly T[] =>
    reader.has(name) || otherwise === undefined ? reader.list(name).map(read) : otherwise;
  const names = Object.keys(profiles) as (keyof typeof profiles)[];
  const plot: Plot = {
    seed: reader.seed('seed', base?.seed ?? 1),
    profile: reader.choice('profile', names, base?.profile ?? 'rfc'),
    config: reader.has('config') ? readConfig(reader.section('config')) : (base?.config ?? {}),
    hosts: list('hosts', readHost, base?.hosts),
    links: list('links', readLink, base?.links),
    script: list('script', readAction, base?.script),
    faults: list('faults', readFault, base?.faults),
    steps: list('steps', readStep, base?.steps),
    never: reader.has('never') || base === null ? reader.texts('never').map(parsePattern) : base.never,
    until: reader.has('until') ? reader.span('until') : (base?.until ?? null),
  };
  checkNames(reader, plot);
  return plot;
}

/** Hosts that links and actions name have to be there. */
function checkNames(reader: Reader, plot: Plot): void {
  const names = plot.hosts.map(({ name }) => name);
  if (names.length === 0) throw reader.wrong('hosts', 'expected at least one host');
  const check = (name: string, place: string): void => {
    if (!names.includes(name)) throw reader.wrong(place, `there is no host ${name}; there are ${names.join(', ')}`);
  };
  for (const [i, { between }] of plot.links.entries()) for (const name of between) check(name, `links[${i}].between`);
  for (const [i, { who, deed }] of plot.script.entries()) {
    check(who, `script[${i}].who`);
    if ('to' in deed) check(deed.to, `script[${i}].to`);
    if (deed.do === 'answer-for') check(deed.host, `script[${i}].host`);
  }
}

function readHost(reader: Reader): HostPlan {
  const host = {
    name: reader.text('name'),
    title: reader.has('title') ? reader.words('title') : null,
    config: reader.has('config') ? readConfig(reader.section('config')) : {},
  };
  reader.end();
  return host;
}

function readLink(reader: Reader): LinkPlan {
  const between = reader.texts('between');
  const [a, b] = between;
  if (a === undefined || b === undefined || between.length !== 2) {
    throw reader.wrong('between', 'expected the names of two hosts');
  }
  const link = {
    between: [a, b] as const,
    mtu: reader.number('mtu', MTU),
    back: reader.has('back') ? readWhole(reader.section('back'), readImpairments) : {},
    impairments: readImpairments(reader),
  };
  reader.end();
  return link;
}

function readImpairments(reader: Reader): Impairments {
  const read: { -readonly [K in keyof Impairments]: Impairments[K] } = {};
  for (const name of ['delay', 'jitter', 'reorderBy'] as const) if (reader.has(name)) read[name] = reader.span(name);
  for (const name of ['loss', 'duplicate', 'reorder', 'corrupt'] as const) {
    if (reader.has(name)) read[name] = reader.percent(name);
  }
  if (reader.has('rate')) read.rate = reader.rate('rate');
  if (reader.has('queue')) read.queue = reader.number('queue');
  if (reader.has('aqm')) read.aqm = reader.choice('aqm', ['tail', 'red', 'codel']);
  if (reader.has('ecn')) read.ecn = reader.flag('ecn');
  return read;
}

/** Settings of TCP under the names of `TcpConfig`; times as `40 ms`. */
function readConfig(reader: Reader): Partial<TcpConfig> {
  const read: Record<string, unknown> = {};
  for (const name of reader.rest) {
    if (!Object.hasOwn(rfcProfile, name)) throw reader.wrong(name, 'TcpConfig has no such setting');
    const usual = rfcProfile[name as keyof TcpConfig];
    const value = reader.value(name);
    const span = typeof value === 'string' && typeof usual === 'number' ? parseSpan(value) : null;
    if (span === null && typeof value !== typeof usual) {
      throw reader.wrong(
        name,
        `expected ${typeof usual === 'number' ? 'a number, or a time as 40 ms' : `a ${typeof usual}`}`,
      );
    }
    read[name] = span ?? value;
  }
  return read;
}

function readAction(reader: Reader): Action {
  const action = { when: readWhen(reader), who: reader.text('who'), deed: readDeed(reader) };
  reader.end();
  return action;
}

/** `at`: a time of the run, 0 by default; `on`: when something happens, and `after` that. */
function readWhen(reader: Reader): When {
  if (!reader.has('on')) return { type: 'at', time: reader.span('at', 0) };
  return { type: 'on', pattern: reader.made('on', parsePattern), after: reader.span('after', 0) };
}

const deeds: readonly DeedName[] = [
  'listen',
  'accept',
  'connect',
  'write',
  'read',
  'read-all',
  'stop-reading',
  'shutdown',
  'close',
  'abort',
  'set',
  'bind',
  'send',
  'crash',
  'boot',
  'pause',
  'resume',
  'unplug',
  'plug',
  'link',
  'flood',
  'answer-for',
];

/** How sockets are called where a file does not say. */
const LISTENER = 'listener';
const SOCKET = 'socket';

/** One deed from the value of its JSON, as it stands in a script, for interventions that come from elsewhere. Throws ScenarioError. */
export function parseDeed(value: unknown): Deed {
  return readWhole(new Reader(value, 'deed'), readDeed);
}

function readDeed(reader: Reader): Deed {
  const deed = reader.choice('do', deeds);
  const socket = (): string => reader.text('socket', SOCKET);
  const peer = (): string | null => (reader.has('to') ? reader.text('to') : null);
  const config = (): Partial<TcpConfig> => (reader.has('config') ? readConfig(reader.section('config')) : {});
  switch (deed) {
    case 'listen':
      return {
        do: deed,
        port: reader.number('port', 80),
        as: reader.text('as', LISTENER),
        backlog: reader.has('backlog') ? reader.number('backlog') : null,
        synBacklog: reader.has('synBacklog') ? reader.number('synBacklog') : null,
        app: readApp(reader),
        config: config(),
      };
    case 'accept':
      return { do: deed, socket: reader.text('socket', LISTENER), as: reader.text('as', SOCKET), app: readApp(reader) };
    case 'connect':
      return {
        do: deed,
        to: reader.text('to'),
        port: reader.number('port', 80),
        from: reader.number('from', 0),
        as: reader.text('as', SOCKET),
        app: readApp(reader),
        config: config(),
      };
    case 'write':
      return {
        do: deed,
        socket: socket(),
        content: readContent(reader),
        times: reader.number('times', 1),
        every: reader.span('every', 0),
      };
    case 'read':
      return { do: deed, socket: socket(), octets: reader.number('octets', 65_536) };
    case 'read-all':
    case 'stop-reading':
    case 'shutdown':
    case 'close':
    case 'abort':
      return { do: deed, socket: socket() };
    case 'set':
      return {
        do: deed,
        socket: socket(),
        noDelay: reader.has('noDelay') ? reader.flag('noDelay') : null,
        keepAlive: reader.has('keepAlive') ? reader.flag('keepAlive') : null,
      };
    case 'bind':
      return { do: deed, port: reader.number('port'), as: reader.text('as', SOCKET) };
    case 'send':
      return {
        do: deed,
        socket: socket(),
        to: reader.text('to'),
        port: reader.number('port'),
        content: readContent(reader),
        times: reader.number('times', 1),
        every: reader.span('every', 0),
      };
    case 'unplug':
    case 'plug':
      return { do: deed, peer: peer() };
    case 'link':
      return { do: deed, peer: peer(), impairments: readImpairments(reader) };
    case 'flood':
      return {
        do: deed,
        to: reader.text('to'),
        port: reader.number('port', 80),
        count: reader.number('count'),
        every: reader.span('every'),
      };
    case 'answer-for':
      return { do: deed, host: reader.text('host') };
    default:
      return { do: deed };
  }
}

/** `"app": "echo"`, or `"app": { "name": "reaper", "idle": "5 s" }`. */
function readApp(reader: Reader): AppPlan | null {
  if (!reader.has('app')) return null;
  const value = reader.value('app');
  if (typeof value === 'string') return { name: value, settings: {} };
  const app = reader.section('app');
  const name = app.text('name');
  const settings: Record<string, string | number | boolean> = {};
  for (const each of app.rest) {
    const setting = app.value(each);
    if (typeof setting !== 'string' && typeof setting !== 'number' && typeof setting !== 'boolean') {
      throw app.wrong(each, 'expected a text, a number, true or false');
    }
    settings[each] = setting;
  }
  return { name, settings };
}

function readContent(reader: Reader): Content {
  return reader.has('text') ? { text: reader.text('text') } : { octets: reader.number('octets') };
}

function readFault(reader: Reader): FaultPlan {
  const plan = { match: reader.made('match', parseMatch), fault: reader.made('do', parseFault) };
  reader.end();
  return plan;
}

function readStep(reader: Reader): StepPlan {
  const step = {
    on: reader.made('on', parsePattern),
    nth: readNth(reader),
    what: reader.words('what'),
    why: reader.words('why'),
    notice: reader.has('notice') ? reader.words('notice') : null,
    rfc: reader.has('rfc') ? reader.text('rfc') : null,
  };
  reader.end();
  return step;
}

function readNth(reader: Reader): number {
  const nth = reader.number('nth', 1);
  if (!Number.isInteger(nth) || nth < 1) throw reader.wrong('nth', 'expected a whole number from 1');
  return nth;
}

function readPrediction(reader: Reader, plot: Plot): Prediction {
  const prediction = {
    before: reader.number('before'),
    question: reader.words('question'),
    answers: reader.list('answers').map((each) => {
      const words = { zh: each.text('zh'), en: each.text('en') };
      each.end();
      return words;
    }),
    right: reader.number('right'),
    because: reader.words('because'),
  };
  reader.end();
  const { before, answers, right } = prediction;
  if (before < 1 || before > plot.steps.length)
    throw reader.wrong('before', `there are steps 1 to ${plot.steps.length}`);
  if (right >= answers.length) throw reader.wrong('right', `there are answers 0 to ${answers.length - 1}`);
  return prediction;
}

function readMisconception(reader: Reader): Misconception {
  const misconception = { said: reader.words('said'), right: reader.words('right'), rfc: reader.text('rfc') };
  reader.end();
  return misconception;
}

function readQuestion(reader: Reader): Question {
  const question = { question: reader.words('question'), answer: reader.words('answer') };
  reader.end();
  return question;
}

function readChallenge(reader: Reader): Challenge {
  const challenge = {
    task: reader.words('task'),
    hint: reader.has('hint') ? reader.words('hint') : null,
    goal: reader.has('goal') ? reader.made('goal', parsePattern) : null,
  };
  reader.end();
  return challenge;
}

function readWhole<T>(reader: Reader, read: (reader: Reader) => T): T {
  const made = read(reader);
  reader.end();
  return made;
}
