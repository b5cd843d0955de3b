/** Inbox: packets that wait for one end of an in-process link. */
import type { Frame } from '../base/frame.ts';
import type { Receiver } from './link.ts';

export class Inbox {
  /** Packets that came before anyone was attached. */
  dropped = 0;
  private frames: Frame[] = [];
  private spare: Frame[] = [];
  private receiver: Receiver | null = null;

  attach(receiver: Receiver): void {
    this.receiver = receiver;
  }

  /** Puts a packet in, and tells the receiver of the first one. */
  put(frame: Frame): void {
    if (this.receiver === null) {
      this.dropped++;
      frame.release();
      return;
    }
    this.frames.push(frame);
    if (this.frames.length === 1) this.receiver.framesWait();
  }

  /** Hands over what is in; what comes in meanwhile waits for the next call. */
  deliver(): number {
    const { frames, receiver } = this;
    if (frames.length === 0 || receiver === null) return 0;
    this.frames = this.spare;
    this.spare = frames;
    for (const frame of frames) {
      receiver.frameArrives(frame);
      frame.release();
    }
    const count = frames.length;
    frames.length = 0;
    return count;
  }
}
