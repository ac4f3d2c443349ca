import { ref } from "vue";
import { asProblem } from "../parts/problem";
import type { DeviceProfile } from "../parts/shapes";
import type { Case } from "./device";

const ASK_EVERY = 3_000;

/**
 * One rating for each finished case (一事一评): at a window of that mode the faces wait for a case. Without a network
 * nobody can be asked; the faces are then there, and the server marks what comes without a case.
 */
export class Cases {
  /** may somebody rate now? */
  readonly open = ref(true);
  readonly current = ref<Case | null>(null);
  private readonly done = new Set<string>();
  private window = "";
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly ask: (window: string) => Promise<Case | null>,
    private readonly arrived: () => void,
  ) {}

  begin(profile: DeviceProfile, rated: readonly string[]): void {
    for (const token of rated) this.done.add(token);
    this.follow(profile);
  }

  follow({ window, mode }: DeviceProfile): void {
    clearInterval(this.timer);
    this.window = window.id;
    if (mode !== "case") {
      [this.open.value, this.current.value] = [true, null];
      return;
    }
    this.timer = setInterval(() => void this.look(), ASK_EVERY);
    void this.look();
  }

  token(): string {
    return this.current.value?.case ?? "";
  }

  /** This case was rated here; the server may not know yet. */
  rated(): void {
    if (!this.current.value?.case) return;
    this.done.add(this.current.value.case);
    [this.current.value, this.open.value] = [null, false];
  }

  async look(): Promise<void> {
    try {
      const found = await this.ask(this.window);
      const fresh = found?.case && !this.done.has(found.case) ? found : null;
      const isNew = fresh !== null && fresh.case !== this.current.value?.case;
      [this.current.value, this.open.value] = [fresh, fresh !== null];
      if (isNew) this.arrived();
    } catch (thrown) {
      if (asProblem(thrown).status === 0) [this.current.value, this.open.value] = [null, true];
    }
  }
}
