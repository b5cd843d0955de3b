/** The worker: the stack runs here, so that the page stays smooth. */
import { type Answer, PAGE, type Request } from './protocol.ts';
import { type Recorded, record } from './record.ts';

let last: { readonly ticket: number; readonly recorded: Recorded } | null = null;

/** The names of a worker that are used here; the page's types are those of a window. */
const scope = globalThis as unknown as {
  onmessage: ((message: MessageEvent<Request>) => void) | null;
  postMessage(answer: Answer): void;
};

scope.onmessage = ({ data }) => {
  try {
    answer(data);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    scope.postMessage({ type: 'failed', ticket: data.ticket, message });
  }
};

function answer(request: Request): void {
  const { ticket } = request;
  if (request.type === 'views') {
    const { page } = request;
    if (last?.ticket !== ticket) return;
    const views = last.recorded.views.slice(page * PAGE, (page + 1) * PAGE);
    scope.postMessage({ type: 'views', ticket, page, views });
    return;
  }
  const recorded = record(request.file, request.variant, request.seed, request.interventions);
  last = { ticket, recorded };
  const { recording, views } = recorded;
  scope.postMessage({ type: 'played', ticket, recording, views: views.slice(0, PAGE) });
}
