/** What may be over before its time, without an AbortSignal for each: making one, and listening to it, costs more than many an operation. */

/** Tells that something is over, and why: an AbortSignal, or what stands for one. */
export type Abortable = {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', act: () => void, options?: { readonly once: true }): void;
  removeEventListener(type: 'abort', act: () => void): void;
};

/** An AbortController whose signal is made when somebody asks for it; who only has to be told listens here. */
export class Ending implements Abortable {
  aborted = false;
  reason: unknown = undefined;
  #controller: AbortController | undefined = undefined;
  #acts: (() => void)[] = [];

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.aborted) this.#controller.abort(this.reason);
    }
    return this.#controller.signal;
  }

  /** How many are to be told, beside those that listen to the signal. */
  get listeners(): number {
    return this.#acts.length;
  }

  /** Tells everybody, once; the reason that is given first holds. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#controller?.abort(reason);
    for (let act = this.#acts.shift(); act; act = this.#acts.shift()) act();
  }

  /** Each is told once; nobody who comes after the end is. */
  addEventListener(_type: 'abort', act: () => void): void {
    if (!this.aborted) this.#acts.push(act);
  }

  removeEventListener(_type: 'abort', act: () => void): void {
    const at = this.#acts.indexOf(act);
    if (at >= 0) this.#acts.splice(at, 1);
  }
}
