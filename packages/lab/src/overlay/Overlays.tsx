/** Sheets that lie over the page: help, glossary, the run as a table. Each is loaded when it is first opened. */
import { type Signal, signal } from '@preact/signals';
import type { ComponentType, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { closeOverlay, overlay, type Sheet } from '../state/overlay.ts';
import { text } from '../text/texts.ts';

const loaders: Readonly<Record<Sheet, () => Promise<ComponentType>>> = {
  help: () => import('./Help.tsx').then(({ Help }) => Help),
  glossary: () => import('./Glossary.tsx').then(({ Glossary }) => Glossary),
  table: () => import('./RunTable.tsx').then(({ RunTable }) => RunTable),
  connections: () => import('../import/Connections.tsx').then(({ Connections }) => Connections),
};

const loaded: Signal<Partial<Record<Sheet, ComponentType>>> = signal({});

export function Overlays(): JSX.Element | null {
  const sheet = overlay.value;
  if (sheet === null) return null;
  const Content = loaded.value[sheet];
  if (Content === undefined) {
    void load(sheet);
    return null;
  }
  return (
    <Frame>
      <Content />
    </Frame>
  );
}

function Frame({ children }: { readonly children: JSX.Element }): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog
      class="sheet"
      ref={element}
      onClose={closeOverlay}
      onClick={({ target, currentTarget }) => {
        if (target === currentTarget) closeOverlay();
      }}
    >
      <div class="sheet-body">
        <button type="button" class="sheet-close" aria-label={text.value.close} onClick={closeOverlay}>
          ✕
        </button>
        {children}
      </div>
    </dialog>
  );
}

async function load(sheet: Sheet): Promise<void> {
  const made = await loaders[sheet]();
  loaded.value = { ...loaded.value, [sheet]: made };
}
