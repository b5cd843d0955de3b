/** Asks the processes that run for their sockets, and for their packets. */
import { askSocket, type ControlPlace, controlPlaces, type ProcessReport } from 'synwave/node';
import { Exit, UserError } from '../errors.ts';

/** Milliseconds that a process has for its answer: one that is stopped gives none. */
const PATIENCE = 2000;

/** What all processes of this user tell; one that is asked for by its number, if `pid` is given. Throws UserError. */
export async function askAll(pid: number | undefined, quiet: (line: string) => void): Promise<ProcessReport[]> {
  const places = placesOf(pid);
  const answers = await Promise.all(
    places.map(async (place) => {
      const answer = await ask(place);
      if (answer === 'silent') quiet(`process ${place.pid} does not answer: is it stopped?`);
      return answer;
    }),
  );
  return answers.filter((answer) => answer !== null && answer !== 'silent');
}

/** Throws UserError when there is none of that number, or the directory is not to be trusted. */
function placesOf(pid: number | undefined): ControlPlace[] {
  let places: ControlPlace[];
  try {
    places = controlPlaces();
  } catch (error) {
    throw new UserError((error as Error).message, Exit.Failed);
  }
  const found = pid === undefined ? places : places.filter((place) => place.pid === pid);
  if (pid !== undefined && found.length === 0)
    throw new UserError(`no process ${pid} of yours has a control socket`, Exit.Failed);
  return found;
}

async function ask(place: ControlPlace): Promise<ProcessReport | null | 'silent'> {
  const socket = await askSocket(place, 'sockets').catch(() => null);
  if (socket === null) return null;
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const timer = setTimeout(() => socket.destroy(), PATIENCE);
  socket.on('error', () => undefined); // it was killed
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  clearTimeout(timer);
  return text.endsWith('\n') ? (JSON.parse(text) as ProcessReport) : 'silent';
}
