import { computed, reactive, ref } from "vue";
import { setLang } from "../parts/i18n";
import { uuid4 } from "../parts/ids";
import { asProblem, type Problem } from "../parts/problem";
import { deviceTime } from "../parts/time";
import { Cases } from "./cases";
import * as server from "./device";
import { canMakeKeys } from "./key";
import { codeAt, type Onsite } from "./onsite";
import { Outbox, type Counts, type Device } from "./outbox";
import { outfile, save } from "./outfile";
import { Sender } from "./sender";
import { keepLasting, NEARLY, room, troubleOf, type Room, type Trouble } from "./storage";
import { version } from "./update";
import { say } from "./voice";
import { t } from "./words";

export type Screen =
  | "loading"
  | "insecure"
  | "keyless"
  | "broken"
  | "pair"
  | "idle"
  | "why"
  | "phone"
  | "thanks"
  | "promise"
  | "guide"
  | "scan"
  | "info";

const THANKS_MS = 3_000;
/** The reasons screen shows 20 s after the last touch; the rating is held a little longer, then goes without them. */
const HOLD_MS = 25_000;
const REFRESH_MS = 300_000;
const BEAT_MS = 60_000;
const HOME_MS = 60_000;
/** 不满意 and 非常不满意 may say why. */
const BAD = new Set(["1", "2"]);
/** Screens on which a new version of the program may take over: nobody is in the middle of anything. */
const QUIET: ReadonlySet<Screen> = new Set<Screen>(["loading", "insecure", "keyless", "broken", "pair", "idle"]);

/** When the screen that was just asked for stands there; soon in any case: a hidden page draws nothing. */
function afterPaint(work: () => void): void {
  let begun = false;
  const once = (): void => {
    if (!begun) work();
    begun = true;
  };
  requestAnimationFrame(() => setTimeout(once, 0));
  setTimeout(once, 500);
}

/** Everything the terminal does, apart from how it looks. */
export class Station {
  readonly screen = ref<Screen>("loading");
  readonly device = ref<Device | null>(null);
  readonly counts = reactive<Counts>({ taken: 0, waiting: 0, refused: 0, synced: 0 });
  readonly room = reactive<Room>({ lasting: true, used: null });
  readonly trouble = ref<Trouble>("refused");
  readonly online = ref(navigator.onLine);
  readonly busy = ref(false);
  readonly problem = ref<Problem | null>(null);
  readonly again = ref(false);
  readonly code = ref("");
  readonly bright = ref(false);
  readonly onsite = ref<Onsite | null>(null);
  readonly window = computed(() => this.device.value?.profile.window ?? null);
  readonly nearlyFull = computed(() => (this.room.used ?? 0) > NEARLY);
  readonly cases = new Cases(server.nextCase, () => say(t("ask")));
  private codes: Onsite[] = [];
  private outbox!: Outbox;
  private sender!: Sender;
  private current = "";
  private reasons: string[] = [];
  private stale = false;
  private listening = false;
  /** A tap is on its way to the disk. Nothing is drawn for it: the faces would be painted twice before the thanks. */
  private keeping = false;
  private homeTimer: ReturnType<typeof setTimeout> | undefined;

  start = async (): Promise<void> => {
    this.code.value ||= server.takePairingCode(location, history);
    // Plain http except this machine itself: no service worker, and the token would cross the net in clear.
    if (!window.isSecureContext) return this.show("insecure");
    if (!canMakeKeys()) return this.show("keyless");
    try {
      this.outbox ??= await Outbox.open();
      await this.outbox.probe();
      await this.recount();
    } catch (thrown) {
      return this.fail(thrown);
    }
    this.sender ??= this.makeSender();
    this.listen();
    const kept = await this.outbox.device();
    if (kept && !this.code.value) {
      await this.begin(kept);
      await this.refresh();
    } else this.show("pair");
  };

  /** After a full disk the same program goes on; where the browser refuses, only a fresh page can. */
  retry = async (): Promise<void> => (this.trouble.value === "full" ? this.start() : location.reload());

  pair = async (typed: string): Promise<void> => {
    this.busy.value = true;
    this.problem.value = null;
    try {
      const fresh = await server.pair(typed);
      await this.outbox.become(fresh);
      await keepLasting();
      this.again.value = false;
      this.code.value = "";
      await this.begin(fresh);
      void this.refresh();
    } catch (thrown) {
      this.problem.value = asProblem(thrown);
    } finally {
      this.busy.value = false;
    }
  };

  rate = async (chosen: string): Promise<void> => {
    if (this.keeping || !this.device.value || this.screen.value !== "idle" || !this.cases.open.value) return;
    this.keeping = true;
    const bad = BAD.has(chosen);
    try {
      await this.keep(chosen, this.device.value, bad ? Date.now() + HOLD_MS : 0);
    } catch (thrown) {
      // Nobody is thanked for a rating that was not kept.
      return this.fail(thrown);
    } finally {
      this.keeping = false;
    }
    this.cases.rated();
    if (bad) this.show("why");
    else this.thank();
    // What the visitor waits for comes first; the tap is on the disk already. Known to be offline: the timer tries.
    afterPaint(() => {
      void this.recount();
      if (!bad && this.online.value) void this.sender.kick();
    });
  };

  /** The visitor is still picking reasons: the rating waits for them. */
  choosing = (): void => {
    void this.outbox.hold(this.current, Date.now() + HOLD_MS).catch(() => undefined);
  };

  because = async (reasons: string[]): Promise<void> => {
    this.thank();
    await this.release(reasons);
  };

  /** Reasons are chosen; a number to be called back may follow. */
  leavePhone = (reasons: string[]): void => {
    this.reasons = reasons;
    this.choosing();
    this.show("phone");
  };

  /** An empty number leaves none. It gets an id of its own and goes its own way. */
  phoned = async (phone: string): Promise<void> => {
    this.thank();
    await this.release(this.reasons);
    this.reasons = [];
    if (!phone) return;
    await this.outbox.addCallback(server.newCallback(phone)).catch(() => undefined);
    await this.sendCallbacks();
  };

  show = (screen: Screen): void => {
    this.screen.value = screen;
    void this.showCode();
  };

  home = (): void => this.show("idle");

  /** Numbers for whoever looks after the terminal; how anybody rated is nowhere among them. */
  info = async (): Promise<void> => {
    if (!QUIET.has(this.screen.value) || !this.device.value) return;
    Object.assign(this.room, await room());
    await this.recount();
    this.show("info");
  };

  export = async (): Promise<void> => {
    const device = this.device.value;
    if (!device) return;
    const now = new Date();
    save(await outfile(this.outbox, device, now), `pingyi-${device.profile.window.id}-${deviceTime(now).slice(0, 10)}.json`);
  };

  /** A new version of the program is in place: it takes over when nobody is in the middle of anything. */
  outdated = (): void => {
    this.stale = true;
    this.renew();
  };

  private renew(): void {
    if (this.stale && QUIET.has(this.screen.value) && !this.busy.value && !this.keeping) location.reload();
  }

  private fail(thrown: unknown): void {
    this.trouble.value = troubleOf(thrown);
    this.show("broken");
  }

  private async release(reasons: string[]): Promise<void> {
    await this.outbox.release(this.current, reasons).catch(() => undefined);
    void this.sender.kick();
  }

  private async keep(chosen: string, device: Device, holdUntil: number): Promise<void> {
    this.current = uuid4();
    const rating = {
      id: this.current,
      window_id: device.profile.window.id,
      code: chosen,
      reasons: [],
      device_time: deviceTime(new Date()),
      case: this.cases.token(),
    };
    await this.outbox.add(rating, holdUntil);
  }

  private makeSender(): Sender {
    return new Sender(this.outbox, server.sendTaps, {
      changed: () => void this.recount(),
      unknown: () => this.lost(),
      now: () => Date.now(),
      random: () => Math.random(),
    });
  }

  private async recount(): Promise<void> {
    Object.assign(this.counts, await this.outbox.counts());
  }

  private lost(): void {
    this.again.value = true;
    this.problem.value = null;
    this.code.value = "";
    this.show("pair");
  }

  private async begin(next: Device): Promise<void> {
    this.device.value = next;
    server.useDevice(next);
    this.cases.begin(next.profile, await this.outbox.cases());
    this.show("idle");
    this.sender.start();
  }

  /** The window may have been renamed or moved since, another clerk be on duty; offline, what was kept serves. */
  private async refresh(): Promise<void> {
    if (!this.device.value || this.screen.value === "pair") return;
    Object.assign(this.room, await room());
    try {
      const profile = await server.profile();
      const { files_key } = await server.terminal();
      const next = { ...this.device.value, profile, files_key };
      this.device.value = next;
      this.cases.follow(profile);
      await this.outbox.setDevice(next);
      await this.sendCallbacks();
      await this.beat();
    } catch (thrown) {
      const found = asProblem(thrown);
      if (found.status !== 401 && found.status !== 403) return;
      this.sender.stop();
      this.lost();
    }
  }

  private async beat(): Promise<void> {
    if (!this.device.value || this.screen.value === "pair") return;
    await server.heartbeat(version.value, this.counts.waiting, this.counts.refused).catch(() => undefined);
  }

  private async sendCallbacks(): Promise<void> {
    for (const one of await this.outbox.callbacks()) {
      try {
        await server.sendCallback(one);
      } catch (thrown) {
        // A number that the server calls none will not become one; everything else is tried again.
        if (asProblem(thrown).status !== 422) return;
      }
      await this.outbox.dropCallback(one.id);
    }
  }

  /** While the screen with the code is open: the code of this minute, from the server where we have none. */
  private async showCode(): Promise<void> {
    if (this.screen.value !== "scan") return;
    const now = (): number => Date.now() + server.clockOffset();
    if (!codeAt(this.codes, now())) this.codes = await server.onsiteCodes().catch(() => []);
    this.onsite.value = codeAt(this.codes, now());
  }

  private listen(): void {
    if (this.listening) return;
    this.listening = true;
    window.addEventListener("online", () => {
      this.online.value = true;
      void this.sender.kick();
      void this.refresh();
    });
    window.addEventListener("offline", () => (this.online.value = false));
    document.addEventListener("visibilitychange", () => void (document.hidden || this.sender.kick()));
    window.addEventListener("pointerdown", () => {
      clearTimeout(this.homeTimer);
      this.homeTimer = setTimeout(this.forget, HOME_MS);
    });
    setInterval(() => void this.refresh(), REFRESH_MS);
    setInterval(() => void this.beat(), BEAT_MS);
    setInterval(() => {
      void this.showCode();
      this.renew();
    }, 1_000);
  }

  /** The next visitor is somebody else: language and contrast go back. */
  private forget = (): void => {
    setLang("zh", { remember: false });
    this.bright.value = false;
  };

  private thank(): void {
    this.show("thanks");
    setTimeout(() => {
      if (this.screen.value === "thanks") this.show("idle");
    }, THANKS_MS);
  }
}
