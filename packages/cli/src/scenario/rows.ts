/** The rows of a scenario's ladder: what is sent, what happens at each host, and the words of each step where it comes. */
import { flagNames, type Label, type PacketRecord, type Run, type RunEvent, type StepPlan } from 'synwave/sim';
import { type ArrowRow, type Cell, cellsAt, type Row } from '../ladder/row.ts';
import type { Language } from '../language.ts';
import type { Text } from '../text/text.ts';

export interface ScenarioRowOptions {
  readonly text: Text;
  readonly language: Language;
  readonly labelOf: (packet: PacketRecord) => Label;
  /** Whether the words of steps stand below them. */
  readonly words: boolean;
}

/** Calls whose beginning is told, or whose end; what the others do is seen by what follows. */
const TOLD_CALLS: readonly string[] = ['connect', 'write', 'shutdown', 'close', 'abort', 'sendto'];
const TOLD_RETURNS: readonly string[] = ['accept', 'read', 'recvfrom'];

export function scenarioRows(run: Run, options: ScenarioRowOptions): Row[] {
  return new Rows(run, options).rows;
}

class Rows {
  readonly rows: Row[] = [];
  private readonly options: ScenarioRowOptions;
  private readonly hosts: readonly string[];
  /** Timers that went off, by host, and when. */
  private readonly fired: Map<string, { readonly timer: string; readonly time: number }> = new Map();

  constructor(run: Run, options: ScenarioRowOptions) {
    this.options = options;
    this.hosts = run.plot.hosts.map(({ name }) => name);
    const closed: Cell = { tone: 'state', text: 'CLOSED' };
    this.rows.push({ kind: 'event', time: run.events[0]?.time ?? 0, cells: this.hosts.map(() => closed), note: '' });
    const steps = new Map(run.steps.map(({ event, step }) => [event, step]));
    for (const [i, event] of run.events.entries()) {
      this.add(event);
      const step = steps.get(i);
      const plan = step === undefined ? undefined : run.plot.steps[step];
      if (step !== undefined && plan !== undefined && options.words) this.tell(step + 1, run.plot.steps.length, plan);
    }
  }

  private add(event: RunEvent): void {
    const { text } = this.options;
    const { time } = event;
    switch (event.type) {
      case 'sent':
        this.rows.push(this.arrow(event.packet));
        break;
      case 'state':
        this.state(time, event.host, event.to);
        break;
      case 'tcb':
        this.cell(time, event.host, {
          tone: 'tcb',
          text: event.what === 'created' ? text.tcbCreated : text.tcbDeleted,
        });
        break;
      case 'call':
        if (TOLD_CALLS.includes(event.call))
          this.cell(time, event.host, { tone: 'call', text: callText(event.call, event.detail) });
        break;
      case 'return':
        if (event.call === 'listen' && !event.failed) this.state(time, event.host, 'LISTEN');
        else if (event.failed) this.cell(time, event.host, { tone: 'lost', text: event.result });
        else if (TOLD_RETURNS.includes(event.call)) {
          this.cell(time, event.host, { tone: 'call', text: callText(event.call, event.result) });
        }
        break;
      case 'timer':
        if (event.what === 'fired') this.fired.set(event.host, { timer: event.timer, time });
        break;
      case 'drop':
        this.cell(time, event.host, { tone: 'lost', text: text.marks.thrown }, event.reason);
        break;
      case 'host':
        this.cell(time, event.host, { tone: 'lost', text: text.hostMoves[event.what] });
        break;
      case 'cable':
        this.rows.push({
          kind: 'event',
          time,
          cells: cellsAt(this.hosts.length, 0, null),
          note: text.cableMoves[event.what],
        });
        break;
      default:
        break; // arrivals are the tips of arrows
    }
  }

  private tell(number: number, of: number, plan: StepPlan): void {
    const { language } = this.options;
    const gap = language === 'zh' ? '' : ' ';
    const source = plan.rfc === null ? '' : ` [RFC ${plan.rfc}]`;
    this.rows.push({
      kind: 'words',
      paragraphs: [`${number}/${of} ${plan.what[language]}${gap}${plan.why[language]}${source}`],
    });
  }

  /** A state stands beside the arrow that leaves with it, where nothing else does. */
  private state(time: number, host: string, name: string): void {
    const at = this.hosts.indexOf(host);
    const cell: Cell = { tone: 'state', text: name };
    const last = this.rows.at(-1);
    if (last?.kind === 'arrow' && last.time === time && last.arrow.from === at && last.cells[at] === null) {
      this.rows[this.rows.length - 1] = { ...last, cells: last.cells.map((each, i) => (i === at ? cell : each)) };
    } else this.cell(time, host, cell);
  }

  private cell(time: number, host: string, cell: Cell, note = ''): void {
    this.rows.push({ kind: 'event', time, cells: cellsAt(this.hosts.length, this.hosts.indexOf(host), cell), note });
  }

  private arrow(packet: PacketRecord): ArrowRow {
    const { marks } = this.options.text;
    const { sentAt, segment, fates } = packet;
    const [from, to] = [this.hosts.indexOf(packet.from), this.hosts.indexOf(packet.to)];
    const cells = cellsAt(this.hosts.length, from, this.joined(sentAt, from));
    const again = segment?.again === true ? this.reason(packet) : null;
    if (again !== null) cells[from] ??= { tone: 'mark', text: again };
    const lost = fates.some((fate) => !['corrupted', 'duplicated', 'marked', 'late'].includes(fate));
    if (lost) cells[to] = { tone: 'lost', text: marks.lost };
    else if (fates.includes('corrupted')) cells[to] = { tone: 'lost', text: marks.corrupt };
    else if (fates.includes('duplicated')) cells[to] = { tone: 'mark', text: marks.twice };
    else if (fates.includes('late')) cells[to] = { tone: 'mark', text: marks.late };
    const quiet = segment !== null && flagNames(segment.flags).every((name) => !['SYN', 'FIN', 'RST'].includes(name));
    const detail = segment === null ? '' : `win ${segment.window}  ${segment.options}`.trimEnd();
    const arrow = { from, to, label: this.options.labelOf(packet), octets: packet.length, quiet, lost, detail };
    return { kind: 'arrow', time: sentAt, cells, arrow };
  }

  /** The state that the sender has just entered, if its row says nothing else: the arrow takes it over. */
  private joined(time: number, at: number): Cell | null {
    const last = this.rows.at(-1);
    if (last?.kind !== 'event' || last.time !== time || last.note !== '' || last.cells[at]?.tone !== 'state')
      return null;
    this.rows.pop();
    return last.cells[at] ?? null;
  }

  private reason({ from, sentAt }: PacketRecord): string {
    const { marks } = this.options.text;
    const fired = this.fired.get(from);
    const timer = fired?.time === sentAt ? fired.timer : '';
    return timer === 'retransmit' ? marks.timeout : timer === 'lossProbe' ? marks.probe : marks.again;
  }
}

/** `write 5`, `read 0`, `connect()`: short enough to stand beside arrows. */
function callText(call: string, detail: string): string {
  const count = /^(\d+)/.exec(detail)?.[1];
  const counted = ['write', 'read', 'sendto', 'recvfrom'].includes(call) && count !== undefined;
  return counted ? `${call} ${count}` : `${call}()`;
}
