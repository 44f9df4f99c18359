// How the desk is built: relative URLs (it may live under a sub-path), no inline script, hashed names.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Where a developer's `vite` finds the API. */
const API_ORIGIN = process.env.NARYAD_ORIGIN ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "./",
  plugins: [svelte()],
  resolve: {
    alias: { $m: fileURLToPath(new URL("./src/kit/messages.ts", import.meta.url)) },
    conditions: process.env.VITEST ? ["browser"] : undefined,
  },
  build: {
    target: "es2022",
    // light-dark() and nesting stay as written: a theme is chosen by color-scheme alone.
    cssTarget: ["chrome123", "firefox125", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: "manifest.json",
    license: { fileName: "licenses.md" },
  },
  server: { proxy: { "/api": { target: API_ORIGIN, changeOrigin: false } } },
  test: { include: ["src/**/*.test.ts"], setupFiles: ["src/kit/messages.setup.ts"], environment: "node" },
});
