/** Opens a capture from disk. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { Icon } from '../tape/icons.tsx';
import { text } from '../text/texts.ts';
import { openFile } from './files.ts';

export function OpenButton(): JSX.Element {
  const t = text.value;
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        class="icon open-file"
        title={t.openHint}
        aria-label={t.openHint}
        onClick={() => input.current?.click()}
      >
        <Icon name="open" />
        <span>{t.openShort}</span>
      </button>
      <input
        ref={input}
        type="file"
        class="file-input"
        accept=".pcap,.pcapng,.cap,.dmp"
        tabIndex={-1}
        aria-hidden="true"
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          currentTarget.value = ''; // the same file may be chosen again
          if (file !== undefined) void openFile(file);
        }}
      />
    </>
  );
}
