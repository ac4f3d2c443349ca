/** Why nothing can be kept: no room left, or the browser may not store. Each has its own sentence. */
export type Trouble = "full" | "refused";

/** What the browser meant. Chromium, Safari and old kernels spell a full disk differently. */
export function troubleOf(thrown: unknown): Trouble {
  const name = thrown instanceof Error || thrown instanceof DOMException ? thrown.name : "";
  const inner = typeof thrown === "object" && thrown !== null && "message" in thrown ? String(thrown.message) : "";
  return /quota|NS_ERROR_DOM_INDEXEDDB_QUOTA_ERR|FILE_NO_SPACE|disk (is )?full/i.test(`${name} ${inner}`) ? "full" : "refused";
}

export interface Room {
  /** does the browser promise not to clear our data when the disk gets full? */
  lasting: boolean;
  /** share of the room that is used, 0–1; null where the browser does not say */
  used: number | null;
}

/** Above this share the terminal says that room is running out, while there is still some. */
export const NEARLY = 0.9;

export async function room(): Promise<Room> {
  const store = navigator.storage as StorageManager | undefined;
  const lasting = (await store?.persisted?.().catch(() => false)) ?? false;
  const told = await store?.estimate?.().catch(() => undefined);
  return { lasting, used: told?.quota ? (told.usage ?? 0) / told.quota : null };
}

/** Ask the browser not to clear our outbox when the disk gets full. */
export async function keepLasting(): Promise<void> {
  await (navigator.storage as StorageManager | undefined)?.persist?.().catch(() => false);
}
