/** A line of a form: a name, and a few values to choose from. */
import type { JSX } from 'preact';

interface Props {
  readonly name: string;
  readonly value: string;
  readonly choices: readonly (readonly [string, string])[];
  readonly onChange: (value: string) => void;
  /** For tests and styles. */
  readonly setting?: string;
}

export function Choice({ name, value, choices, onChange, setting }: Props): JSX.Element {
  const all = choices.some(([each]) => each === value) ? choices : [...choices, [value, value] as const];
  return (
    <label class="line">
      <span>{name}</span>
      <select
        value={value}
        data-setting={setting}
        aria-label={name}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      >
        {all.map(([each, text]) => (
          <option key={each} value={each} selected={each === value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
