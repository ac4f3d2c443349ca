import { defineConfig } from "vite";
import { surface } from "./vite.base.ts";

export default defineConfig(surface("console"));
