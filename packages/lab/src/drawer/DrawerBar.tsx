/** The drawer below the tape: one view of the details at a time; each is loaded when it is first opened. */
import { type Signal, signal } from '@preact/signals';
import type { ComponentType, JSX } from 'preact';
import { drawer, type Tab, tabs, toggleDrawer } from '../state/drawer.ts';
import { recording } from '../state/run.ts';
import { text } from '../text/texts.ts';

const loaders: Readonly<Record<Tab, () => Promise<ComponentType>>> = {
  diagram: () => import('./Diagram.tsx').then(({ Diagram }) => Diagram),
  bytes: () => import('./Bytes.tsx').then(({ Bytes }) => Bytes),
  graph: () => import('./Graph.tsx').then(({ Graph }) => Graph),
  timers: () => import('./TimerChart.tsx').then(({ TimerChart }) => TimerChart),
  events: () => import('./Events.tsx').then(({ Events }) => Events),
  tcb: () => import('./Tcb.tsx').then(({ Tcb }) => Tcb),
  packets: () => import('./Packets.tsx').then(({ Packets }) => Packets),
  code: () => import('./Code.tsx').then(({ Code }) => Code),
  web: () => import('../playground/Web.tsx').then(({ Web }) => Web),
  terminal: () => import('../playground/Terminal.tsx').then(({ Terminal }) => Terminal),
  build: () => import('../playground/Build.tsx').then(({ Build }) => Build),
};

const loaded: Signal<Partial<Record<Tab, ComponentType>>> = signal({});

export function DrawerBar(): JSX.Element {
  const t = text.value;
  const isPlayground = recording.value?.id === 'playground';
  const open = drawer.value === 'build' && !isPlayground ? null : drawer.value;
  const shown = tabs.filter((tab) => tab !== 'build' || isPlayground);
  const Content = open === null ? undefined : loaded.value[open];
  if (open !== null && Content === undefined) {
    void load(open);
  }
  return (
    <section class="drawer" aria-label={t.drawer}>
      <div class="drawer-tabs">
        {shown.map((tab) => (
          <button
            key={tab}
            type="button"
            data-tab={tab}
            aria-expanded={open === tab}
            aria-controls="drawer-body"
            onClick={() => toggleDrawer(tab)}
          >
            {t.tabs[tab]}
          </button>
        ))}
      </div>
      {open === null ? null : (
        <div class="drawer-body" id="drawer-body" data-tab={open} tabIndex={0} role="group" aria-label={t.tabs[open]}>
          {Content === undefined ? null : <Content />}
        </div>
      )}
    </section>
  );
}

async function load(open: Tab): Promise<void> {
  const made = await loaders[open]();
  loaded.value = { ...loaded.value, [open]: made };
}
