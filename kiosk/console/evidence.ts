import { api, ask } from "./session";

const hex = (bytes: ArrayBuffer): string => [...new Uint8Array(bytes)].map((one) => one.toString(16).padStart(2, "0")).join("");

/** The digest as this device works it out; empty where the browser has none (a page without https). */
export async function digestOf(file: Blob): Promise<string> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  return subtle ? hex(await subtle.digest("SHA-256", await file.arrayBuffer())) : "";
}

/** Hand in evidence of a finding: what arrives must have the digest that was worked out here. */
export async function sendEvidence(finding: string, file: File) {
  const sha256 = await digestOf(file);
  return ask(
    api.POST("/api/findings/files", {
      params: { query: { finding, filename: file.name, sha256 } },
      headers: { "Content-Type": "application/octet-stream" },
      // The description calls binary content a string; what goes out is the file itself.
      body: file as unknown as { file: string },
      bodySerializer: (body: unknown) => body as File,
    }),
  );
}
