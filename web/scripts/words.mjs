// Compiles messages/ into typed functions under src/paraglide/; asks no network and writes no read-me.
import { compile } from "@inlang/paraglide-js";

await compile({
  project: "./project.inlang",
  outdir: "./src/paraglide",
  strategy: ["globalVariable", "baseLocale"],
  isServer: "false",
  disableAsyncLocalStorage: true,
  emitReadme: false,
  outputStructure: "locale-modules",
});
