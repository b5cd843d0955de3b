/** The page: its panels, and where they stand. */
import type { JSX } from 'preact';
import { DrawerBar } from './drawer/DrawerBar.tsx';
import { Explain } from './explain/Explain.tsx';
import { Header } from './header/Header.tsx';
import { Chips, openCard } from './hosts/Chips.tsx';
import { HostCard } from './hosts/HostCard.tsx';
import { Ladder } from './ladder/Ladder.tsx';
import { Announcer } from './overlay/Announcer.tsx';
import { Notices } from './overlay/Notices.tsx';
import { Overlays } from './overlay/Overlays.tsx';
import { drawer } from './state/drawer.ts';
import { recording } from './state/run.ts';
import { Tape } from './tape/Tape.tsx';

/** Whether the page stands in a frame of another one. */
const isEmbedded = new URLSearchParams(location.search).get('embed') === '1';

export function App(): JSX.Element {
  const names = recording.value?.hosts.map(({ name }) => name) ?? [];
  const right = names.slice(1);
  const classes = ['lab', isEmbedded ? 'embedded' : '', drawer.value === null ? '' : 'drawn'].join(' ').trim();
  return (
    <div class={classes}>
      <Header />
      <main>
        <Chips />
        <div class={cardsClass(names.slice(0, 1))}>
          {names[0] === undefined ? null : <HostCard name={names[0]} side="left" />}
        </div>
        <div class="middle">
          <Notices />
          <Ladder />
        </div>
        <div class={cardsClass(right)}>
          {right.map((name) => (
            <HostCard key={name} name={name} side="right" />
          ))}
        </div>
        <Explain />
      </main>
      <Tape />
      <DrawerBar />
      <Overlays />
      <Announcer />
    </div>
  );
}

/** On a phone only the card that was asked for is there. */
function cardsClass(names: readonly string[]): string {
  return names.includes(openCard.value ?? '') ? 'cards open' : 'cards';
}
