/** The sheet that is printed: the ladder of the whole run, and what is said of its steps: one page of A4. */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { columnsOf, widthFor } from '../ladder/columns.ts';
import { Drawing, endOf } from '../ladder/Ladder.tsx';
import { layOut } from '../ladder/layout.ts';
import { shareLink } from '../state/link.ts';
import { recording } from '../state/run.ts';
import { axis } from '../state/settings.ts';
import { hostTitle } from '../text/narrate.ts';
import { text, words } from '../text/texts.ts';
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet exports nothing
import './print.css';

/** A4 without margins of 10 mm, in CSS pixels, with a little to spare. */
const PAPER = { width: 718, height: 1030 };

/** The ladder takes so much of the page, at most; and what is drawn there is so much larger, at most. */
const LADDER = 600;
const REDUCED = 1.7;

export function PrintPage(): JSX.Element | null {
  const sheet = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => fit(sheet.current));
  const run = recording.value;
  const t = text.value;
  if (run === null) return null;
  const { tale, hosts, moments } = run;
  const width = Math.max(PAPER.width, widthFor(hosts.length));
  const columns = columnsOf(width, hosts.length);
  const laid = layOut(run, axis.value, false);
  let last = moments.length - 1;
  while (last > 0 && endOf(laid, last) > LADDER * REDUCED) last--;
  const height = endOf(laid, last);
  const link = shareLink();
  return (
    <div class="print-page" ref={sheet}>
      <h1>{words(tale.title)}</h1>
      <p class="print-summary">{words(tale.summary)}</p>
      <svg
        class="print-ladder"
        viewBox={`0 -22 ${width} ${height + 22}`}
        style={{ height: `${Math.min(LADDER, height + 22)}px` }}
      >
        {hosts.map(({ name, addresses }, i) => (
          <text key={name} class="print-host" x={columns.lane(i)} y={-8} text-anchor="middle">
            {`${hostTitle(run, name)} ${addresses[0] ?? ''}`}
          </text>
        ))}
        <Drawing columns={columns} width={width} from={0} to={Number.POSITIVE_INFINITY} of={{ laid, at: last }} />
      </svg>
      {last + 1 < moments.length ? <p class="print-note">{t.printedPart(last + 1, moments.length)}</p> : null}
      <ol class="print-steps">
        {tale.steps.map(({ what, why, rfc }, i) => (
          <li key={`${what.en} ${i}`}>
            <b>{words(what)}</b> {words(why)} {rfc === null ? null : <span>RFC {rfc}</span>}
          </li>
        ))}
      </ol>
      {tale.misconceptions.length === 0 ? null : (
        <div class="print-wrong">
          {tale.misconceptions.map(({ said, right }) => (
            <p key={said.en}>
              <b>✗</b> {words(said)} <b>✓</b> {words(right)}
            </p>
          ))}
        </div>
      )}
      <p class="print-note">
        synwave lab · {t.real}
        {link.length < 200 ? ` · ${link}` : ''}
      </p>
    </div>
  );
}

/** Makes it smaller until it is one page. */
function fit(sheet: HTMLDivElement | null): void {
  if (sheet === null) return;
  let zoom = 1;
  for (let i = 0; i < 12; i++) {
    sheet.style.setProperty('zoom', String(zoom));
    sheet.style.width = `${PAPER.width / zoom}px`;
    const height = sheet.offsetHeight * zoom;
    if (height <= PAPER.height) return;
    zoom *= Math.max(0.8, Math.sqrt(PAPER.height / height) * 0.99);
  }
}
