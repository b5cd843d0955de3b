/** The header: which scenario, how it is shown, and what can be taken away from here. */

import { list } from 'virtual:scenarios';
import type { JSX } from 'preact';
import { openOverlay } from '../state/overlay.ts';
import { pause } from '../state/playing.ts';
import { chosen, recording, show } from '../state/run.ts';
import { language } from '../state/settings.ts';
import { Icon } from '../tape/icons.tsx';
import { text, words } from '../text/texts.ts';
import { download } from './download.ts';
import { LabelSelect } from './LabelSelect.tsx';
import { OpenButton } from './OpenButton.tsx';
import { ScenarioPicker } from './ScenarioPicker.tsx';
import { Select } from './Select.tsx';
import { SettingsMenu } from './SettingsMenu.tsx';
import { ShareButton, Toast } from './ShareButton.tsx';
import { Wave } from './Wave.tsx';

export function Header(): JSX.Element {
  const t = text.value;
  return (
    <header class="top">
      <h1 title={`${t.real}. ${t.realMore}`}>
        <Wave />
        <span>synwave</span> lab
      </h1>
      <ScenarioPicker />
      <Variants />
      <LabelSelect />
      <span class="spacer" />
      <button
        type="button"
        class="language"
        lang={language.value === 'zh' ? 'en' : 'zh-CN'}
        aria-label={language.value === 'zh' ? 'English' : '中文'}
        onClick={() => {
          language.value = language.value === 'zh' ? 'en' : 'zh';
        }}
      >
        {language.value === 'zh' ? 'EN' : '中'}
      </button>
      <SettingsMenu />
      <OpenButton />
      {recording.value?.capture ? null : <ShareButton />}
      <button
        type="button"
        class="icon"
        data-do="download"
        title={t.downloadHint}
        aria-label={t.downloadHint}
        onClick={() => void download()}
      >
        <Icon name="download" />
        <span class="wide-only">pcapng</span>
      </button>
      <button
        type="button"
        class="icon"
        title={`${t.help} (?)`}
        aria-label={t.help}
        onClick={() => openOverlay('help')}
      >
        ?
      </button>
      <Toast />
    </header>
  );
}

function Variants(): JSX.Element | null {
  const t = text.value;
  const run = recording.value;
  const variants = list.find(({ id }) => id === run?.id)?.variants ?? [];
  if (run === null || variants.length === 0) return null;
  return (
    <Select
      name={t.variant}
      value={run.variant ?? ''}
      choices={[['', t.variantNone], ...variants.map(({ id, title }): [string, string] => [id, words(title)])]}
      onChange={(value) => {
        const choice = chosen();
        pause();
        if (choice !== null) void show({ ...choice, variant: value === '' ? null : value, interventions: [] }, 0);
      }}
    />
  );
}
