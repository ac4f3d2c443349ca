import { defineConfig } from "vite";
import { worker } from "./terminal/worker_plugin.ts";
import { surface } from "./vite.base.ts";

export default defineConfig(surface("terminal", [worker()]));
