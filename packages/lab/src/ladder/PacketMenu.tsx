/** What can become of a packet: it is dropped, held up, doubled, damaged; or only looked at. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Fault } from 'synwave/sim';
import { runLabels } from '../state/derived.ts';
import { openDrawer } from '../state/drawer.ts';
import { pause } from '../state/playing.ts';
import { act, now, recording } from '../state/run.ts';
import { Icon, type IconName } from '../tape/icons.tsx';
import { spanText } from '../text/spans.ts';
import { text } from '../text/texts.ts';
import type { Columns } from './columns.ts';
import { closeMenu, menu } from './menu.ts';

const MENU_WIDTH = 216;
const HOLD = 5_000_000;

export function PacketMenu({ columns }: { readonly columns: Columns }): JSX.Element | null {
  const open = menu.value;
  const run = recording.value;
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    element.current?.querySelector('button')?.focus({ preventScroll: false });
  }, [open]);
  const packet = open === null ? undefined : run?.packets[open.packet];
  if (open === null || run === null || packet === undefined) return null;
  const t = text.value;
  const later = Math.max(20_000, 3 * (run.links[0]?.impairments.delay ?? 20_000));
  const isPast = packet.arrivesAt === null || packet.arrivesAt <= now.value;
  const right = columns.lane(columns.lanes - 1) + columns.notes;
  const left = Math.max(8, Math.min(open.x - MENU_WIDTH / 2, right - MENU_WIDTH - 8));
  const choose = (fault: Fault): void => {
    pause();
    closeMenu();
    void act({ type: 'packet', packet: packet.id, fault });
  };
  // What lies in a capture has happened.
  const all: readonly (readonly [IconName, string, Fault])[] = [
    ['drop', t.drop, 'drop'],
    ['delay', t.delay(spanText(later)), { delay: later }],
    ['duplicate', t.duplicate, 'duplicate'],
    ['hold', t.hold, { delay: HOLD }],
    ['corrupt', t.corrupt, 'corrupt'],
  ];
  const choices = run.capture === null ? all : [];
  return (
    <div
      class="menu"
      role="menu"
      aria-label={t.packetMenu}
      ref={element}
      style={{ left: `${left}px`, top: `${open.y + 14}px`, width: `${MENU_WIDTH}px` }}
      onKeyDown={moveWithin}
      onFocusOut={({ relatedTarget }) => {
        if (!(relatedTarget instanceof Node && element.current?.contains(relatedTarget) === true)) menu.value = null;
      }}
    >
      <p class="menu-title">{runLabels.value.of(packet)}</p>
      {choices.map(([sign, name, fault]) => (
        <button key={name} type="button" role="menuitem" onClick={() => choose(fault)}>
          <Icon name={sign} />
          {name}
        </button>
      ))}
      <button
        type="button"
        role="menuitem"
        onClick={() => {
          closeMenu();
          openDrawer('bytes');
        }}
      >
        <Icon name="inspect" />
        {t.inspect}
      </button>
      {isPast && run.capture === null ? <p class="menu-note">{t.packetPast}</p> : null}
    </div>
  );
}

function moveWithin(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  if (event.key === 'Escape') {
    event.stopPropagation();
    closeMenu();
    return;
  }
  const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (by === 0) return;
  event.preventDefault();
  event.stopPropagation();
  const items = [...event.currentTarget.querySelectorAll('button')];
  const at = items.findIndex((each) => each === document.activeElement);
  items[(at + by + items.length) % items.length]?.focus();
}
