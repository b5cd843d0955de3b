/** The drawing of a scenario's run: its title, the ladder with the words of each step, what the letters stand for, how it went. */
import { type Label, type LabelMode, Labels, type PacketRecord, type Run } from 'synwave/sim';
import { wrapped } from '../ladder/columns.ts';
import { legendOf } from '../ladder/legend.ts';
import type { Look } from '../ladder/render.ts';
import { Renderer } from '../ladder/render.ts';
import type { Language } from '../language.ts';
import type { Text } from '../text/text.ts';
import { scenarioRows } from './rows.ts';

export interface ScenarioLook extends Look {
  readonly language: Language;
  readonly labels: LabelMode;
  /** Whether the words of steps stand below them. */
  readonly words: boolean;
}

/** Lines without the last line's end. */
export function scenarioDrawing(run: Run, look: ScenarioLook, text: Text): string {
  const { language, words } = look;
  const { scenario, plot, variant } = run;
  const connections = new Connections(run.packets, look.labels, text);
  const rows = scenarioRows(run, { text, language, labelOf: (packet) => connections.labelOf(packet), words });
  const chosen = scenario.variants.find(({ id }) => id === variant);
  const title = scenario.title[language] + (chosen === undefined ? '' : `: ${chosen.title[language]}`);
  const names = plot.hosts.map(({ name, title: shown }) => `${shown?.[language] ?? name} ${addressOf(run, name)}`);
  const legend = connections.legend();
  return [
    look.paint('title', title),
    ...(words ? wrapped(scenario.summary[language], look.width) : []),
    '',
    ...new Renderer(look, plot.hosts.length).lines(rows, text.time, names),
    ...(legend === '' ? [] : ['', legend]),
    '',
    text.stepsSeen(run.steps.length, plot.steps.length),
  ].join('\n');
}

function addressOf(run: Run, host: string): string {
  const { stage } = run;
  return stage.cables.length === 0 ? '' : stage.hostOf(host).address;
}

/** The labels of every connection of a run. */
class Connections {
  private readonly labels: Map<string, { readonly labels: Labels; readonly hosts: readonly [string, string] }> =
    new Map();
  private readonly mode: LabelMode;
  private readonly text: Text;

  constructor(packets: readonly PacketRecord[], mode: LabelMode, text: Text) {
    this.mode = mode;
    this.text = text;
    const flows = new Map<string, PacketRecord[]>();
    for (const packet of packets) {
      if (packet.segment === null) continue;
      const flow = flows.get(keyOf(packet)) ?? [];
      flows.set(keyOf(packet), flow);
      flow.push(packet);
    }
    for (const [key, flow] of flows) {
      const { from, to } = flow[0] as PacketRecord;
      const segments = flow.flatMap((each) =>
        each.segment === null ? [] : [{ ...each.segment, order: each.id, from: each.from }],
      );
      this.labels.set(key, { labels: new Labels(mode, segments, text.octets), hosts: [from, to] });
    }
  }

  labelOf(packet: PacketRecord): Label {
    const { segment, protocol, length } = packet;
    const labels = this.labels.get(keyOf(packet))?.labels;
    if (segment !== null && labels !== undefined) return labels.of({ ...segment, order: packet.id, from: packet.from });
    return { long: `${protocol}, ${this.text.octets(length)}`, short: `${protocol} ${length} B` };
  }

  /** Of the only connection; of several, letters mean something else in each. */
  legend(): string {
    const [only, ...others] = this.labels.values();
    return only === undefined || others.length > 0 ? '' : legendOf(only.labels, this.mode, only.hosts, this.text);
  }
}

/** The same for both directions of a connection. */
function keyOf({ from, to, srcPort, dstPort }: PacketRecord): string {
  return [`${from} ${srcPort}`, `${to} ${dstPort}`].sort().join(' ');
}
