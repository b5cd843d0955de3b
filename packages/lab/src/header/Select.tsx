/** A choice among a few, with its name in front. */
import type { JSX } from 'preact';

interface Props<T extends string> {
  readonly name: string;
  readonly value: T;
  readonly choices: readonly (readonly [T, string])[];
  readonly onChange: (value: T) => void;
}

export function Select<T extends string>({ name, value, choices, onChange }: Props<T>): JSX.Element {
  return (
    <label class="select">
      <span>{name}</span>
      <select
        aria-label={name}
        value={value}
        onChange={({ currentTarget }) => {
          const chosen = choices.find(([each]) => each === currentTarget.value);
          if (chosen !== undefined) onChange(chosen[0]);
        }}
      >
        {choices.map(([each, said]) => (
          <option key={each} value={each} selected={each === value}>
            {said}
          </option>
        ))}
      </select>
    </label>
  );
}
