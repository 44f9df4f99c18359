// Compiles messages/ into typed functions under src/paraglide/; asks no network and writes no read-me.
import { compile } from "@inlang/paraglide-js";

/** The desk's words, and those of the screens on which scripts are written and of plugins, which load with these. */
const PROJECTS = {
  "./project.inlang": "./src/paraglide",
  "./workshop.inlang": "./src/paraglide/workshop",
  "./plugins.inlang": "./src/paraglide/plugins",
};

for (const [project, outdir] of Object.entries(PROJECTS)) {
  await compile({
    project,
    outdir,
    strategy: ["globalVariable", "baseLocale"],
    isServer: "false",
    disableAsyncLocalStorage: true,
    emitReadme: false,
    outputStructure: "locale-modules",
  });
}
