import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import type { PluginOption, UserConfig } from "vite";

/**
 * One build for each surface: a terminal downloads nothing of the console, and its
 * service worker knows exactly the files of its own page.
 */
export function surface(name: "terminal" | "console", plugins: PluginOption[] = []): UserConfig {
  const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  return {
    root: here(`./${name}`),
    base: `/${name}/`,
    cacheDir: here(`./node_modules/.vite-${name}`),
    plugins: [vue(), ...plugins],
    // Vue's options API and dev hooks are not used; leaving them out saves about 4 kB.
    define: { __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false", __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false" },
    build: {
      outDir: here(`./dist/${name}`),
      emptyOutDir: true,
      // Terminals stand in halls for years; this is the oldest syntax Vue's build stays small with.
      target: "es2020",
      // The page policy forbids scripts from strings and inline styles: everything is a file.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: true,
    },
    server: { proxy: { "/api": "http://127.0.0.1:8000" } },
  };
}
