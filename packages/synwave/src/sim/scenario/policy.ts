/** Policy: what a server does about connections that are silent for too long, or too many of one client; around any app. */
import type { Micros } from '../../base/time.ts';
import type { App } from './app.ts';

/** `idle` and `most`: 0 is no bound. A silent connection is closed; one that is too many is refused by a RST. */
export function withPolicy(app: App, idle: Micros, most: number): App {
  if (idle === 0 && most === 0) return app;
  return (socket, context) => {
    const mine = context.siblings.filter(({ tcp }) => tcp.remoteAddress === socket.tcp.remoteAddress);
    if (most > 0 && mine.length > most) return socket.abort();
    if (idle > 0) {
      let stop = (): void => undefined;
      const wait = (): void => {
        stop();
        stop = context.after(idle, () => {
          if (!socket.isClosed) socket.close();
        });
      };
      socket.moved = wait;
      wait();
    }
    return app(socket, context);
  };
}
