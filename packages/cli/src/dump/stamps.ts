/** Stamps: the times in front of tcpdump's lines, in the five ways that `-t` asks for. */

/** How often `-t` was given: 0 clock, 1 nothing, 2 seconds since 1970, 3 since the line before, 4 with the date, 5 since the first line. */
export type StampStyle = 0 | 1 | 2 | 3 | 4 | 5;

const SECOND = 1_000_000_000n;

export class Stamps {
  private readonly style: StampStyle;
  private readonly nano: boolean;
  private first: bigint | null = null;
  private before: bigint | null = null;

  /** `nano`: nanoseconds instead of microseconds. */
  constructor(style: StampStyle, nano = false) {
    this.style = style;
    this.nano = nano;
  }

  /** What stands in front of the line, with the blank behind it: `exact` is in nanoseconds since 1970. */
  next(exact: bigint): string {
    // Spans are told between times as they are shown.
    const time = this.nano ? exact : exact - (((exact % 1000n) + 1000n) % 1000n);
    const since = this.style === 5 ? (this.first ?? time) : (this.before ?? time);
    // As tcpdump has it, a packet at zero is none: the next one is the first.
    if (time !== 0n) {
      this.first ??= time;
      this.before = time;
    }
    switch (this.style) {
      case 0:
        return `${this.clock(time)} `;
      case 1:
        return '';
      case 2:
        return `${floor(time)}.${this.fraction(time)} `;
      case 4:
        return `${dateText(time)} ${this.clock(time)} `;
      default: {
        const span = time - since;
        const size = span < 0n ? -span : span;
        return `${span < 0n ? '-' : ' '}${spanText(size / SECOND)}.${this.fraction(size)} `;
      }
    }
  }

  /** The time of day where the command runs. */
  private clock(time: bigint): string {
    const date = dateOf(time);
    return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${this.fraction(time)}`;
  }

  private fraction(time: bigint): string {
    const nanos = ((time % SECOND) + SECOND) % SECOND;
    return this.nano ? String(nanos).padStart(9, '0') : String(nanos / 1000n).padStart(6, '0');
  }
}

function floor(time: bigint): bigint {
  return (time - (((time % SECOND) + SECOND) % SECOND)) / SECOND;
}

function dateOf(time: bigint): Date {
  return new Date(Number(floor(time)) * 1000);
}

function dateText(time: bigint): string {
  const date = dateOf(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function spanText(seconds: bigint): string {
  const all = Number(seconds);
  return `${two(Math.floor(all / 3600))}:${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
