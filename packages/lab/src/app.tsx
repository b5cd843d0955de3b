/** The page: its panels, and where they stand. */
import type { JSX } from 'preact';
import { DrawerBar } from './drawer/DrawerBar.tsx';
import { Explain } from './explain/Explain.tsx';
import { EmbedBar } from './header/EmbedBar.tsx';
import { Header } from './header/Header.tsx';
import { Chips, openCard } from './hosts/Chips.tsx';
import { HostCard } from './hosts/HostCard.tsx';
import { Ladder } from './ladder/Ladder.tsx';
import { Links } from './links/Links.tsx';
import { Announcer } from './overlay/Announcer.tsx';
import { Notices } from './overlay/Notices.tsx';
import { Overlays } from './overlay/Overlays.tsx';
import { printed } from './print/printing.ts';
import { drawer } from './state/drawer.ts';
import { isEmbedded } from './state/embed.ts';
import { recording } from './state/run.ts';
import { Tape } from './tape/Tape.tsx';

export function App(): JSX.Element {
  const names = recording.value?.hosts.map(({ name }) => name) ?? [];
  const Printed = printed.value;
  const right = names.slice(1);
  const classes = ['lab', isEmbedded ? 'embedded' : '', drawer.value === null ? '' : 'drawn'].join(' ').trim();
  return (
    <div class={classes}>
      {isEmbedded ? <EmbedBar /> : <Header />}
      <main>
        <Chips />
        <div class={cardsClass(names.slice(0, 1))}>
          {names[0] === undefined ? null : <HostCard name={names[0]} side="left" />}
        </div>
        <div class="middle">
          <Notices />
          <Ladder />
          {isEmbedded || recording.value?.capture ? null : <Links />}
        </div>
        <div class={cardsClass(right)}>
          {right.map((name) => (
            <HostCard key={name} name={name} side="right" />
          ))}
        </div>
        <Explain />
      </main>
      <Tape />
      {isEmbedded ? null : <DrawerBar />}
      <Overlays />
      <Announcer />
      {Printed === null ? null : <Printed />}
    </div>
  );
}

/** On a phone only the card that was asked for is there. */
function cardsClass(names: readonly string[]): string {
  return names.includes(openCard.value ?? '') ? 'cards open' : 'cards';
}
