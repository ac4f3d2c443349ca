import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [vue()],
  test: {
    include: ["parts/**/*.test.ts", "terminal/**/*.test.ts", "console/**/*.test.ts"],
    environment: "node",
    // What is slow on a busy machine is not broken.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
