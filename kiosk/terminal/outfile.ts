import { batchOf } from "./device";
import { sealed } from "./key";
import type { Device, Outbox } from "./outbox";

/** Taps of one part; sealed, it stays below what the server takes in one request. */
const PART = 300;

/**
 * Everything that still waits, as a file for the office: signed batches, sealed to the server, so that whoever carries the
 * file cannot read how anybody rated. Nothing leaves the outbox by it; sent twice it counts once.
 */
export async function outfile(outbox: Outbox, device: Device, now: Date): Promise<string> {
  const { key, files_key: to } = device;
  if (!key || !to) throw new Error("no key to sign or to seal with");
  await outbox.seal(now.getTime(), true);
  const parts: string[] = [];
  let from = 1;
  for (;;) {
    const taps = await outbox.stretch(PART, from);
    if (!taps) break;
    parts.push(await sealed(to, JSON.stringify(await batchOf({ ...device, key }, taps, now))));
    from = (taps.items[taps.items.length - 1]?.seq ?? from) + 1;
  }
  return JSON.stringify({ format: "pingyi-outbox/1", window: device.profile.window.id, device: device.profile.device_id, parts });
}

/** Let the browser save a text under a name. */
export function save(text: string, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
