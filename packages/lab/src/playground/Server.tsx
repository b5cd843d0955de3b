/** The server of a host: which program, on which port, and what it does about its clients. */
import type { JSX } from 'preact';
import type { ServerSetup, Setting, Setup } from '../state/setup.ts';
import { Choice } from './Choice.tsx';
import { build, serverOf, withServer } from './setup.ts';
import { said } from './texts.ts';

const idles = ['1 s', '5 s', '30 s', '60 s', '10 min'];
const bounds = ['1', '2', '5', '10', '100'];

export function Server({ setup, host }: { readonly setup: Setup; readonly host: string }): JSX.Element {
  const t = said.value;
  const server = serverOf(setup, host);
  const app: ServerSetup['app'] = server?.app ?? { name: 'echo' };
  const change = (wanted: ServerSetup['app'], port = server?.port ?? 80): void =>
    void build(withServer(setup, host, { port, app: wanted }));
  const set = (name: string, value: Setting | null): void => {
    const { [name]: _before, ...others } = app;
    change({ ...others, ...(value === null ? {} : { [name]: value }), name: app.name });
  };
  return (
    <>
      <Choice
        name={t.server}
        setting="app"
        value={server?.app.name ?? 'none'}
        choices={Object.entries(t.apps)}
        onChange={(name) => (name === 'none' ? void build(withServer(setup, host, null)) : change({ name }))}
      />
      {server === null ? null : (
        <>
          <label class="line">
            <span>{t.port}</span>
            <input
              type="number"
              min={1}
              max={65_535}
              value={server.port}
              onChange={({ currentTarget }) => {
                const port = Number(currentTarget.value);
                if (Number.isInteger(port) && port >= 1 && port <= 65_535) change(server.app, port);
              }}
            />
          </label>
          <Choice
            name={t.idle}
            setting="idle"
            value={String(server.app['idle'] ?? '')}
            choices={[['', t.noBound], ...idles.map((each): [string, string] => [each, each])]}
            onChange={(value) => set('idle', value === '' ? null : value)}
          />
          <Choice
            name={t.most}
            setting="most"
            value={String(server.app['most'] ?? '')}
            choices={[['', t.noBound], ...bounds.map((each): [string, string] => [each, each])]}
            onChange={(value) => set('most', value === '' ? null : Number(value))}
          />
        </>
      )}
    </>
  );
}
