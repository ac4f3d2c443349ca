import { computed, reactive, ref } from "vue";
import { setLang } from "../parts/i18n";
import { uuid4 } from "../parts/ids";
import { asProblem, type Problem } from "../parts/problem";
import { deviceTime } from "../parts/time";
import { pair as pairDevice, profile as fetchProfile, sendRatings, takePairingCode, useToken } from "./device";
import { Outbox, type Counts, type Device } from "./outbox";
import { Sender } from "./sender";

export type Screen = "loading" | "insecure" | "broken" | "pair" | "idle" | "why" | "thanks";

const THANKS_MS = 3_000;
/** The reasons screen shows 20 s; the rating is held a little longer, then goes without them. */
const HOLD_MS = 25_000;
const REFRESH_MS = 600_000;
const HOME_LANG_MS = 60_000;
/** 不满意 and 非常不满意 may say why. */
const BAD = new Set(["1", "2"]);

/** Everything the terminal does, apart from how it looks. */
export class Station {
  readonly screen = ref<Screen>("loading");
  readonly device = ref<Device | null>(null);
  readonly counts = reactive<Counts>({ taken: 0, waiting: 0, refused: 0, synced: 0 });
  readonly online = ref(navigator.onLine);
  readonly level = ref("");
  readonly busy = ref(false);
  readonly problem = ref<Problem | null>(null);
  readonly again = ref(false);
  readonly code = ref("");
  readonly window = computed(() => this.device.value?.profile.window ?? null);
  private outbox!: Outbox;
  private sender!: Sender;
  private current = "";
  private homeTimer: ReturnType<typeof setTimeout> | undefined;

  start = async (): Promise<void> => {
    this.code.value = takePairingCode(location, history);
    // Plain http except this machine itself: no service worker, and the key would cross the net in clear.
    if (!window.isSecureContext) {
      this.screen.value = "insecure";
      return;
    }
    try {
      this.outbox = await Outbox.open();
      await this.recount();
    } catch {
      this.screen.value = "broken";
      return;
    }
    this.sender = new Sender(this.outbox, sendRatings, {
      changed: () => void this.recount(),
      unknown: () => this.lost(),
      now: () => Date.now(),
      random: () => Math.random(),
    });
    this.listen();
    const kept = await this.outbox.device();
    if (kept && !this.code.value) {
      this.begin(kept);
      await this.refresh();
    } else this.screen.value = "pair";
  };

  pair = async (typed: string): Promise<void> => {
    this.busy.value = true;
    this.problem.value = null;
    try {
      const fresh = await pairDevice(typed);
      await this.outbox.setDevice(fresh);
      // Ask the browser not to clear our outbox when the disk gets full; the answer changes nothing we do.
      void navigator.storage?.persist?.();
      this.again.value = false;
      this.code.value = "";
      this.begin(fresh);
    } catch (thrown) {
      this.problem.value = asProblem(thrown);
    } finally {
      this.busy.value = false;
    }
  };

  rate = async (chosen: string): Promise<void> => {
    if (this.busy.value || !this.device.value || this.screen.value !== "idle") return;
    this.busy.value = true;
    const bad = BAD.has(chosen);
    try {
      await this.keep(chosen, this.device.value, bad ? Date.now() + HOLD_MS : 0);
      await this.recount();
    } catch {
      // Nobody is thanked for a rating that was not kept.
      this.screen.value = "broken";
      return;
    } finally {
      this.busy.value = false;
    }
    this.level.value = chosen;
    if (bad) this.screen.value = "why";
    else {
      this.thank();
      void this.sender.kick();
    }
  };

  /** The visitor is still picking reasons: the rating waits for them. */
  choosing = (): void => {
    void this.outbox.hold(this.current, Date.now() + HOLD_MS);
  };

  because = async (reasons: string[]): Promise<void> => {
    this.thank();
    await this.outbox.release(this.current, reasons);
    void this.sender.kick();
  };

  private async keep(chosen: string, device: Device, holdUntil: number): Promise<void> {
    this.current = uuid4();
    const rating = {
      id: this.current,
      window_id: device.profile.window.id,
      code: chosen,
      reasons: [],
      device_time: deviceTime(new Date()),
    };
    await this.outbox.add(rating, holdUntil);
  }

  private async recount(): Promise<void> {
    Object.assign(this.counts, await this.outbox.counts());
  }

  private lost(): void {
    this.again.value = true;
    this.problem.value = null;
    this.code.value = "";
    this.screen.value = "pair";
  }

  private begin(next: Device): void {
    this.device.value = next;
    useToken(next.token);
    this.screen.value = "idle";
    this.sender.start();
  }

  /** The window may have been renamed or moved since; offline, the kept profile serves. */
  private async refresh(): Promise<void> {
    if (!this.device.value || this.screen.value === "pair") return;
    try {
      const next = { token: this.device.value.token, profile: await fetchProfile() };
      this.device.value = next;
      await this.outbox.setDevice(next);
    } catch (thrown) {
      const found = asProblem(thrown);
      if (found.status === 401 || found.status === 403) {
        this.sender.stop();
        this.lost();
      }
    }
  }

  private listen(): void {
    window.addEventListener("online", () => {
      this.online.value = true;
      void this.sender.kick();
    });
    window.addEventListener("offline", () => (this.online.value = false));
    document.addEventListener("visibilitychange", () => void (document.hidden || this.sender.kick()));
    window.addEventListener("pointerdown", () => {
      clearTimeout(this.homeTimer);
      this.homeTimer = setTimeout(() => setLang("zh", { remember: false }), HOME_LANG_MS);
    });
    setInterval(() => void this.refresh(), REFRESH_MS);
  }

  private thank(): void {
    this.screen.value = "thanks";
    setTimeout(() => {
      if (this.screen.value === "thanks") this.screen.value = "idle";
    }, THANKS_MS);
  }
}
