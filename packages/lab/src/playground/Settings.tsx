/** The settings of TCP that the playground offers: timers, congestion control, Nagle, options, buffers. */
import type { JSX } from 'preact';
import type { Setting, Setup } from '../state/setup.ts';
import { Choice } from './Choice.tsx';
import { build, withConfig } from './setup.ts';
import { said } from './texts.ts';

const flag: readonly Setting[] = [true, false];

/** Names of `TcpConfig`, with values worth a comparison. */
const offered: Readonly<Record<string, readonly Setting[]>> = {
  congestion: ['cubic', 'reno'],
  noDelay: flag,
  msl: ['1 s', '30 s', '60 s', '2 min'],
  rtoInitial: ['200 ms', '1 s', '3 s'],
  rtoMin: ['30 ms', '200 ms', '1 s', '3 s'],
  rtoMax: ['10 s', '60 s', '2 min'],
  r2: [3, 5, 8, 15],
  delayedAck: ['1 ms', '40 ms', '200 ms', '499 ms'],
  keepAlive: flag,
  keepAliveIdle: ['10 s', '60 s', '10 min', '2 h'],
  keepAliveInterval: ['1 s', '10 s', '75 s'],
  keepAliveProbes: [3, 5, 9, 10],
  userTimeout: ['5 s', '30 s', '5 min'],
  finWait2: ['5 s', '60 s'],
  initialWindow: [1, 2, 4, 10],
  receiveBuffer: [4096, 16_384, 65_536, 1_048_576],
  sendBuffer: [4096, 16_384, 65_536, 1_048_576],
  mss: [536, 1000, 1460],
  sack: flag,
  timestamps: flag,
  windowScale: flag,
  synCookies: ['full', 'always', 'off'],
};

export function Settings({ setup }: { readonly setup: Setup }): JSX.Element {
  const t = said.value;
  const show = (name: string, value: Setting): string => {
    if (typeof value === 'boolean') return value ? t.yes : t.no;
    return name === 'synCookies' ? (t.cookies[String(value)] ?? String(value)) : String(value);
  };
  return (
    <section class="build-part tcp-settings">
      <h3>{t.settings}</h3>
      <Choice
        name={t.profile}
        setting="profile"
        value={setup.profile}
        choices={[
          ['rfc', 'RFC'],
          ['linux', 'Linux'],
        ]}
        onChange={(value) => void build({ ...setup, profile: value === 'linux' ? 'linux' : 'rfc' })}
      />
      {Object.entries(offered).map(([name, values]) => (
        <Choice
          key={name}
          name={t.config[name] ?? name}
          setting={name}
          value={name in setup.config ? String(setup.config[name]) : ''}
          choices={[['', t.asProfile], ...values.map((value): [string, string] => [String(value), show(name, value)])]}
          onChange={(chosen) => {
            void build(withConfig(setup, name, values.find((value) => String(value) === chosen) ?? null));
          }}
        />
      ))}
      <p class="quiet">{t.settingsNote}</p>
    </section>
  );
}
