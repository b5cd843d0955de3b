/** Patches: properties of the platform's objects that are put in place of others for a while, and all put back. */

export class Patches {
  private readonly done: (() => void)[] = [];

  /** `object[key]` is `value` from now on. Throws TypeError where the platform does not allow that. */
  set(object: object, key: PropertyKey, value: unknown): void {
    const before = Object.getOwnPropertyDescriptor(object, key);
    Object.defineProperty(object, key, {
      configurable: true,
      enumerable: before?.enumerable ?? true,
      writable: true,
      value,
    });
    this.done.push(() => {
      if (before === undefined) Reflect.deleteProperty(object, key);
      else Object.defineProperty(object, key, before);
    });
  }

  /** What was put in last goes first. */
  undo(): void {
    for (let undo = this.done.pop(); undo !== undefined; undo = this.done.pop()) undo();
  }
}
