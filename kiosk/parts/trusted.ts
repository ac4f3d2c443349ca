/** The one policy the page's Content-Security-Policy allows besides Vue's: it passes worker addresses of our own origin. */
export function workerAddress(path: string): string {
  const url = new URL(path, location.href);
  if (url.origin !== location.origin) throw new TypeError(`not our own origin: ${url.origin}`);
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  if (!factory) return url.href;
  // The DOM library types `register` with a string; a TrustedScriptURL goes through it unchanged.
  return factory.createPolicy("pingyi", { createScriptURL: (given) => given }).createScriptURL(url.href) as string;
}

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(given: string): string }): { createScriptURL(given: string): unknown };
}

/** Register the service worker beside the page; without one the terminal still works, only not after an offline reload. */
export async function registerWorker(path: string): Promise<boolean> {
  if (!("serviceWorker" in navigator)) return false;
  try {
    await navigator.serviceWorker.register(workerAddress(path), { updateViaCache: "none" });
    return true;
  } catch {
    return false;
  }
}
