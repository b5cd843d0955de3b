/** Apps: small programs that the hosts of scenarios run on their connections: what a textbook's server or client does. */
import { SynwaveError } from '../../base/errors.ts';
import { type App, type AppMaker, AppSettings } from './app.ts';
import { get, http, sendFile } from './apps-web.ts';
import { filler, octetsOf } from './content.ts';
import { withPolicy } from './policy.ts';
import type { ReadResult, SocketActor } from './socket-actor.ts';

/** The apps that every scenario can name. */
export const apps: Readonly<Record<string, AppMaker>> = {
  /** Reads all there is; closes `after` the peer has closed. */
  read: (settings) => {
    const [after, closes] = [settings.span('after', 0), settings.flag('close', true)];
    return (socket, context) => {
      drain(socket, () => {
        if (closes) context.after(after, () => socket.close());
      });
    };
  },
  /** Sends back what it gets; closes when the peer has closed. */
  echo: () => (socket) => {
    const turn = (): void => {
      socket.read((got) => {
        if (got instanceof Uint8Array) socket.write(got, turn);
        else socket.close();
      });
    };
    turn();
  },
  /** Reads what the other side says, and waits for somebody to answer; closes when the peer has closed. */
  chat: () => (socket) => {
    drain(socket, () => socket.close());
  },
  /** Sends a file of `octets` at once, and ends its direction. */
  file: (settings) => sendFile(filler(settings.number('octets', 100_000))),
  http,
  get,
  /** Speaks first: `octets` or `text`; then reads to the end, and closes. */
  greet: (settings) => {
    const hello = contentOf(settings, 'octets', 'text', 20);
    return (socket) => {
      socket.write(hello, () => drain(socket, () => socket.close()));
    };
  },
  /** Answers each request of `request` octets by `answer` octets, after `think`; a short connection closes then. */
  serve: (settings) => {
    const request = settings.number('request', 100);
    const answer = filler(settings.number('answer', 1000));
    const [think, short] = [settings.span('think', 0), settings.flag('short', false)];
    return (socket, context) => {
      const next = (): void => {
        readExactly(socket, request, (whole) => {
          if (!whole) return socket.close();
          return void context.after(think, () => socket.write(answer, () => (short ? socket.close() : next())));
        });
      };
      next();
    };
  },
  /** Sends `count` requests of `request` octets, one after the other, and reads `answer` octets for each; closes at the end. */
  ask: (settings) => {
    const count = settings.number('count', 1);
    const request = filler(settings.number('request', 100));
    const answer = settings.number('answer', 1000);
    const [short, pause] = [settings.flag('short', false), settings.span('pause', 0)];
    const asking =
      (left: number): App =>
      (socket, context) => {
        const next = (todo: number): void => {
          socket.write(request);
          readExactly(socket, answer, (whole) => {
            const over = !whole || todo <= 1;
            if (!short) return over ? socket.close() : void context.after(pause, () => next(todo - 1));
            // A short connection carries one exchange, and the server closes it; the next one is opened then.
            return drain(socket, () => {
              socket.close();
              if (!over) context.after(pause, () => context.again?.(`c${count - todo + 2}`, asking(todo - 1)));
            });
          });
        };
        next(left);
      };
    return asking(count);
  },
  /** Closes connections that are silent for `idle`, and refuses more than `most` of one address by a RST. */
  reaper: (settings) => {
    const [idle, most] = [settings.span('idle', 5_000_000), settings.number('most', 10)];
    return (socket, context) => {
      const mine = context.siblings.filter(({ tcp }) => tcp.remoteAddress === socket.tcp.remoteAddress);
      if (mine.length > most) return socket.abort();
      let stop = context.after(idle, () => socket.close());
      const turn = (): void => {
        socket.read((got) => {
          stop();
          if (!(got instanceof Uint8Array)) return socket.close();
          stop = context.after(idle, () => socket.close());
          return socket.write(got, turn);
        });
      };
      return turn();
    };
  },
  /** A toy shell: a line is a command, its output is the answer; `exit` closes. */
  shell: () => {
    const decoder = new TextDecoder();
    return (socket) => {
      let line = '';
      const turn = (): void => {
        socket.read((got) => {
          if (!(got instanceof Uint8Array)) return socket.close();
          line += decoder.decode(got);
          const end = line.lastIndexOf('\n');
          const commands = end < 0 ? [] : line.slice(0, end).split('\n');
          line = line.slice(end + 1);
          const known = commands.includes('exit') ? commands.slice(0, commands.indexOf('exit')) : commands;
          const output = known.map(commandOutput).join('');
          const after = known.length < commands.length ? (): void => socket.close() : turn;
          return output === '' ? after() : socket.write(octetsOf({ text: output }), after);
        });
      };
      turn();
    };
  },
};

/** The app of that name. Throws RangeError for one that there is not, and for settings that it does not have. */
export function makeApp(
  name: string,
  settings: Readonly<Record<string, string | number | boolean>>,
  known: Readonly<Record<string, AppMaker>>,
): App {
  const maker = Object.hasOwn(known, name) ? known[name] : undefined;
  if (maker === undefined) throw new RangeError(`there is no app ${name}; there are ${Object.keys(known).join(', ')}`);
  const handed = new AppSettings(name, settings);
  const app = maker(handed);
  const [idle, most] = [handed.span('idle', 0), handed.number('most', 0)];
  handed.end();
  return withPolicy(app, idle, most);
}

/** Reads until the end, or a failure. */
function drain(socket: SocketActor, done: () => void): void {
  const turn = (got: ReadResult): void => {
    if (got instanceof Uint8Array) socket.read(turn);
    else if (!(got instanceof SynwaveError)) done();
  };
  socket.read(turn);
}

/** Reads so many octets, in as many reads as it takes; false: they did not all come. */
function readExactly(socket: SocketActor, octets: number, done: (whole: boolean) => void): void {
  let left = octets;
  const turn = (got: ReadResult): void => {
    if (!(got instanceof Uint8Array)) return done(false);
    left -= got.length;
    return left <= 0 ? done(true) : socket.read(turn, left);
  };
  socket.read(turn, left);
}

function contentOf(settings: AppSettings, octets: string, text: string, otherwise: number): Uint8Array {
  const said = settings.text(text, '');
  const count = settings.number(octets, otherwise);
  return said === '' ? filler(count) : octetsOf({ text: said });
}

/** What the toy shell prints; nothing is run. */
function commandOutput(line: string): string {
  const [command = '', ...rest] = line.trim().split(/\s+/);
  switch (command) {
    case '':
      return '';
    case 'echo':
      return `${rest.join(' ')}\n`;
    case 'date':
      return 'Thu Jan  1 00:00:00 UTC 1970\n';
    case 'whoami':
      return 'student\n';
    case 'ls':
      return 'notes.txt  tcp.txt  udp.txt\n';
    case 'seq': {
      const last = Math.min(Math.max(Math.trunc(Number(rest[0])) || 0, 0), 10_000);
      return Array.from({ length: last }, (_, i) => `${i + 1}\n`).join('');
    }
    default:
      return `${command}: command not found\n`;
  }
}
