import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

/** Emits sw.js with the list of this build's files, so that a terminal starts again without a network. */
export function worker(): Plugin {
  return {
    name: "terminal-worker",
    apply: "build",
    generateBundle(_options, bundle) {
      const files = Object.keys(bundle).filter((file) => !file.endsWith(".html")).sort();
      const source = readFileSync(new URL("./worker.js", import.meta.url), "utf8");
      const page = readFileSync(new URL("./index.html", import.meta.url), "utf8");
      const version = createHash("sha256").update(JSON.stringify([files, source, page])).digest("hex").slice(0, 12);
      const list = JSON.stringify(["./", ...files.map((file) => `./${file}`)]);
      this.emitFile({
        type: "asset",
        fileName: "sw.js",
        source: source.replace('"@files"', () => list).replace("@version", version),
      });
    },
  };
}
