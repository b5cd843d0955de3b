/** What the reader should know of the run that is shown: what failed, what was changed and how to take it back. */
import type { JSX } from 'preact';
import type { Fault, Intervention } from 'synwave/sim';
import { impairmentNames, valueText } from '../links/scales.ts';
import { chosen, failure, keepFirst, recording } from '../state/run.ts';
import { hostTitle } from '../text/narrate.ts';
import { spanText, timeText } from '../text/spans.ts';
import { text } from '../text/texts.ts';
import type { Recording } from '../worker/protocol.ts';
import { CaptureBar } from './CaptureBar.tsx';

export function Notices(): JSX.Element | null {
  const t = text.value;
  const run = recording.value;
  const changes = run === null ? [] : (chosen()?.interventions ?? []);
  return (
    <>
      {failure.value === null ? null : (
        <p class="notice bad" role="alert">
          {t.failed}: {failure.value}
        </p>
      )}
      <CaptureBar />
      {run?.cut === true ? <p class="notice">{t.cut}</p> : null}
      {run === null || changes.length === 0 ? null : (
        <p class="notice changed">
          <b>{t.rewritten}</b>
          <span class="changes">{changes.map((each) => changeText(run, each)).join(' · ')}</span>
          <button type="button" onClick={() => void keepFirst(changes.length - 1)}>
            {t.undo}
          </button>
          <button type="button" onClick={() => void keepFirst(0)}>
            {t.restore}
          </button>
        </p>
      )}
    </>
  );
}

function changeText(run: Recording, change: Intervention): string {
  const t = text.value;
  if (change.type === 'packet') return `#${change.packet + 1} ${faultText(change.fault)}`;
  const { deed } = change;
  const how =
    deed.do === 'link'
      ? ` ${impairmentNames
          .flatMap((name) => {
            const value = deed.impairments[name];
            return value === undefined ? [] : [`${t.impairments[name]} ${valueText(name, value)}`];
          })
          .join(', ')}`
      : '';
  return `${timeText(change.time)} s ${hostTitle(run, change.who)}: ${deedText(deed.do)}${how}`;
}

function faultText(fault: Fault): string {
  const t = text.value;
  if (typeof fault === 'string') return t[fault];
  if ('delay' in fault) return t.delay(spanText(fault.delay));
  return 'until' in fault ? t.hold : t.corrupt;
}

function deedText(deed: string): string {
  const t = text.value;
  const names: Readonly<Record<string, string>> = {
    connect: t.doConnect,
    listen: t.doListen,
    write: t.doWrite,
    read: t.doRead,
    'read-all': t.doReadAll,
    'stop-reading': t.doStopReading,
    shutdown: t.doShutdown,
    close: t.doClose,
    abort: t.doAbort,
    accept: t.doAccept,
    crash: t.doCrash,
    boot: t.doBoot,
    pause: t.doPause,
    resume: t.doResume,
    plug: t.doPlug,
    unplug: t.doUnplug,
    link: t.link,
  };
  return names[deed] ?? deed;
}
