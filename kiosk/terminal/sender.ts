import type { RatingResult } from "../parts/shapes";
import { asProblem, type Problem } from "../parts/problem";
import type { Outbox, Stretch } from "./outbox";

/** The server takes at most this many at once. */
export const MOST = 500;
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 300_000;
/** While nothing fails, look this often for ratings whose visitor has walked away from the reasons. */
const LOOK_EVERY = 5_000;

export type Send = (taps: Stretch) => Promise<RatingResult[]>;

export interface Hooks {
  /** after every try that changed something, or failed */
  changed(): void;
  /** the server no longer knows this terminal; sending stops until it is paired again */
  unknown(problem: Problem): void;
  now(): number;
  random(): number;
}

/** May the same list succeed later? Everything but a plain refusal of the request may. */
function temporary(status: number): boolean {
  return status === 0 || status === 408 || status === 409 || status === 425 || status === 429 || status >= 500;
}

/** Sends the outbox in the background, one list at a time, slower after each failure. */
export class Sender {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running = false;
  private again = false;
  private stopped = true;
  private failures = 0;
  private size = MOST;

  constructor(
    private readonly outbox: Outbox,
    private readonly send: Send,
    private readonly hooks: Hooks,
  ) {}

  start(): void {
    this.stopped = false;
    void this.kick();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Try now: after a tap, when the network comes back, when a page is shown again. */
  async kick(): Promise<void> {
    if (this.stopped) return;
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    clearTimeout(this.timer);
    try {
      do {
        this.again = false;
        await this.drain();
      } while (this.again && !this.stopped);
    } catch {
      // No room to chain what waits, or the browser closed our storage: all of it still waits, and the next tap says so.
      this.failures += 1;
    } finally {
      this.running = false;
      this.plan();
    }
  }

  private plan(): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.kick(), this.pause());
  }

  /** Doubles with each failure up to five minutes, with a fifth of chance, so that a hall does not call in chorus. */
  pause(): number {
    if (this.failures === 0) return LOOK_EVERY;
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.failures - 1));
    return Math.round(wait * (0.8 + 0.4 * this.hooks.random()));
  }

  private async drain(): Promise<void> {
    while (!this.stopped) {
      await this.outbox.seal(this.hooks.now());
      const taps = await this.outbox.stretch(this.size);
      if (!taps) return;
      try {
        await this.deliver(taps);
      } catch (thrown) {
        if (!(await this.recover(taps, asProblem(thrown)))) return;
      }
    }
  }

  private async deliver(taps: Stretch): Promise<void> {
    const results = await this.send(taps);
    // An answer that settles nothing would be asked for ever: treat it as a failure and slow down.
    if ((await this.outbox.settle(results, this.hooks.now())) === 0) throw new Error("nothing acknowledged");
    this.failures = 0;
    this.size = MOST;
    this.hooks.changed();
  }

  /** True when it makes sense to go on at once. */
  private async recover({ items }: Stretch, problem: Problem): Promise<boolean> {
    if (problem.status === 401 || problem.status === 403) {
      this.stop();
      this.hooks.unknown(problem);
      return false;
    }
    if (!temporary(problem.status)) {
      // One item the server cannot read must not block the others: halve until it stands alone, then set it aside.
      if (items.length > 1) {
        this.size = Math.ceil(items.length / 2);
        return true;
      }
      await this.outbox.settle(items.map(({ id }) => ({ id, status: "refused", code: problem.code })));
      this.size = MOST;
      this.hooks.changed();
      return true;
    }
    this.failures += 1;
    this.hooks.changed();
    return false;
  }
}
