/** Path: the states that a connection has been in so far, in their order. */
import { position, recording } from '../state/run.ts';

/** Without the one that it is in. Of a host without a connection: of all that it had. */
export function pathOf(host: string, connection: number | null): string[] {
  const path: string[] = [];
  const moments = recording.value?.moments ?? [];
  for (let i = 0; i <= position.value; i++) {
    for (const event of moments[i]?.events ?? []) {
      if (event.type !== 'state' || event.host !== host) continue;
      if (connection === null || event.connection.id === connection) path.push(event.from);
    }
  }
  return connection === null ? path.slice(-11) : path;
}
