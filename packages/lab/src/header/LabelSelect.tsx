/** Which numbers stand on the arrows. */
import type { JSX } from 'preact';
import { labelModes } from 'synwave/sim';
import { labels } from '../state/settings.ts';
import { text } from '../text/texts.ts';
import { Select } from './Select.tsx';

export function LabelSelect(): JSX.Element {
  const t = text.value;
  return (
    <Select
      name={t.labelsName}
      value={labels.value}
      choices={labelModes.map((mode) => [mode, t.labels[mode]])}
      onChange={(value) => {
        labels.value = value;
      }}
    />
  );
}
