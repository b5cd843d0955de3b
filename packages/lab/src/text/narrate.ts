/** Narrate: what happens in a moment, in plain sentences. */
import type { CallEvent, ReturnEvent, RunEvent } from 'synwave/sim';
import type { RunLabels } from '../ladder/flows.ts';
import type { Recording } from '../worker/protocol.ts';
import { spanText } from './spans.ts';
import { stateText } from './states.ts';
import { text, words } from './texts.ts';

/** What a reader calls a host. */
export function hostTitle(run: Recording, name: string): string {
  const title = run.hosts.find((host) => host.name === name)?.title ?? null;
  return title === null ? name : words(title);
}

/** `write(5)`: a call with what matters of its arguments. */
export function callText({ call, detail }: CallEvent | (ReturnEvent & { detail?: string })): string {
  const said = detail ?? '';
  const octets = /^(\d+) octets/.exec(said)?.[1];
  if (call === 'write' || call === 'sendto') return `${call}(${octets ?? ''})`;
  if (call === 'connect') return `connect(${said.replace(/^.* port /, ':')})`;
  if (call === 'bind') return `bind(${said.replace('port ', ':')})`;
  if (call === 'listen') return `listen(${said.replace('backlog ', '')})`;
  if (call === 'setsockopt') return `setsockopt(${said})`;
  return `${call}()`;
}

/** `5`, `0 (EOF)`, `ECONNREFUSED`: what a call returns. */
export function resultText({ result }: ReturnEvent): string {
  if (result === '0: the end') return 'EOF';
  const octets = /^(\d+) octets/.exec(result)?.[1];
  return octets ?? result.replace(/, from .*/, '');
}

/** One sentence for an event; an empty one where there is nothing to say. */
export function sentenceOf(event: RunEvent, run: Recording, labels: RunLabels): string {
  const t = text.value;
  const host = 'host' in event ? hostTitle(run, event.host) : '';
  switch (event.type) {
    case 'sent': {
      const again = event.packet.segment?.again === true ? `${t.again} ` : '';
      return t.sends(hostTitle(run, event.packet.from), `${again}${labels.of(event.packet)}`);
    }
    case 'arrived':
      return t.gets(hostTitle(run, event.packet.to), labels.of(event.packet));
    case 'lost':
      return t.isLost(labels.of(event.packet), t.drops[event.reason]);
    case 'state':
      return t.enters(host, stateText(event.from), stateText(event.to));
    case 'call':
      return t.calls(host, callText(event));
    case 'return':
      return t.returns(host, `${event.call}()`, resultText(event));
    case 'timer': {
      const name = t.timers[event.timer];
      if (event.what === 'fired') return t.fires(host, name);
      return event.what === 'set' && event.at !== null
        ? t.sets(host, name, spanText(event.at - event.time))
        : t.stops(host, name);
    }
    case 'tcb':
      return `${host}: ${event.what === 'created' ? t.tcbCreated : t.tcbDeleted}`;
    case 'drop':
      return t.hostDrops(host, event.reason);
    case 'host':
      return `${host}: ${t.hostMoves[event.what]}`;
    default:
      return t.cableMoves[event.what];
  }
}

/** The moment in one sentence: what it begins with, and the state that it leads to. */
export function momentText(run: Recording, at: number, labels: RunLabels): string {
  const moment = run.moments[at];
  if (moment === undefined) return '';
  const { events } = moment;
  const [first] = events.filter(({ type }) => type !== 'timer');
  const chosen = [
    first ?? events[0],
    events.find(({ type }) => type === 'state'),
    events.find(({ type }) => type === 'sent'),
  ];
  const sentences = [...new Set(chosen)].flatMap((event) =>
    event === undefined ? [] : [sentenceOf(event, run, labels)],
  );
  return sentences.join(text.value.lang === 'en' ? '; ' : '；');
}
