/** Files: a capture comes from the button or is dropped on the page; what reads it is loaded then. */
import { type Signal, signal } from '@preact/signals';

/** How much of a file was read, from 0 to 1; null: none is being read. */
export const reading: Signal<number | null> = signal(null);
/** Whether a file is held over the page. */
export const isOver: Signal<boolean> = signal(false);

/** Opens a capture, and shows one of its connections, or the list of them. */
export async function openFile(file: File): Promise<void> {
  const { openCapture } = await import('../import/client.ts');
  openCapture(file);
}

/** A file that is dropped anywhere on the page is opened. */
export function listenToDrops(): void {
  const hasFile = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') === true;
  addEventListener('dragover', (event) => {
    if (!hasFile(event)) return;
    event.preventDefault();
    isOver.value = true;
  });
  addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) isOver.value = false;
  });
  addEventListener('drop', (event) => {
    isOver.value = false;
    const file = event.dataTransfer?.files[0];
    if (file === undefined) return;
    event.preventDefault();
    void openFile(file);
  });
}
