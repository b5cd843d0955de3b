/** How things are shown: axis, names of states, light or dark; and the ways to a table, to paper, to the glossary. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { printPage } from '../print/printing.ts';
import { openOverlay } from '../state/overlay.ts';
import { axes, axis, stateNameModes, stateNames, theme, themes } from '../state/settings.ts';
import { Icon } from '../tape/icons.tsx';
import { text } from '../text/texts.ts';
import { copyFrame, copyLink } from './copy.ts';
import { download } from './download.ts';
import { LabelSelect } from './LabelSelect.tsx';
import { OpenButton } from './OpenButton.tsx';
import { Select } from './Select.tsx';

export function SettingsMenu(): JSX.Element {
  const t = text.value;
  const details = useRef<HTMLDetailsElement>(null);
  const close = (): void => {
    if (details.current !== null) details.current.open = false;
  };
  return (
    <details
      class="settings"
      ref={details}
      onFocusOut={({ relatedTarget }) => {
        if (relatedTarget instanceof Node && details.current?.contains(relatedTarget) !== true) close();
      }}
      onKeyDown={({ key }) => {
        if (key === 'Escape') close();
      }}
    >
      <summary title={t.settings}>
        <Icon name="view" />
        <span class="wide-only">{t.settings}</span>
      </summary>
      <div class="settings-panel">
        <div class="narrow-only">
          <LabelSelect />
        </div>
        <Select
          name={t.axisName}
          value={axis.value}
          choices={axes.map((each) => [each, t.axes[each]])}
          onChange={(value) => {
            axis.value = value;
          }}
        />
        <Select
          name={t.statesName}
          value={stateNames.value}
          choices={stateNameModes.map((each) => [each, t.stateNames[each]])}
          onChange={(value) => {
            stateNames.value = value;
          }}
        />
        <Select
          name={t.theme}
          value={theme.value}
          choices={themes.map((each) => [each, t.themes[each]])}
          onChange={(value) => {
            theme.value = value;
          }}
        />
        <div class="settings-buttons">
          <span class="narrow-only">
            <OpenButton />
          </span>
          <button type="button" class="narrow-only" onClick={() => void download()}>
            {t.download}
          </button>
          <button type="button" class="narrow-only" onClick={() => openOverlay('help')}>
            {t.help}
          </button>
          <button type="button" class="narrow-only" onClick={() => void copyLink()}>
            {t.share}
          </button>
          <button type="button" data-do="frame" title={t.frameHint} onClick={() => void copyFrame()}>
            {t.frame}
          </button>
          <button type="button" onClick={() => openOverlay('table')}>
            {t.table}
          </button>
          <button type="button" onClick={() => openOverlay('glossary')}>
            {t.glossary}
          </button>
          <button
            type="button"
            onClick={() => {
              close();
              void printPage();
            }}
          >
            {t.print}
          </button>
        </div>
      </div>
    </details>
  );
}
