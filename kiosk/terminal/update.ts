import { ref } from "vue";

/** The version of this program: the digest of its files, by which its worker names the cache that holds them. */
export const version = ref("—");
const LOOK_EVERY = 3_600_000;

/**
 * Ask every hour whether there is a newer program, and say so when it is in place. Its files are all kept before it takes
 * over; the outbox is not in them and stays as it is.
 */
export function onUpdate(replaced: () => void): void {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (!workers) return;
  void workers.ready.then(readVersion);
  // The first worker of a fresh page replaces nothing.
  let before = workers.controller;
  workers.addEventListener("controllerchange", () => {
    if (before) replaced();
    before = workers.controller;
  });
  setInterval(() => void workers.getRegistration().then((found) => found?.update()).catch(() => undefined), LOOK_EVERY);
}

async function readVersion(): Promise<void> {
  const kept = (await caches.keys()).filter((name) => name.startsWith("terminal-"));
  version.value = kept[kept.length - 1]?.slice("terminal-".length) ?? "—";
}
