// Fails the build when a chunk or the whole, everything in it, grows past its budget.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const KB = 1024;
const SHELL_GZIP_BYTES_MAX = 120 * KB;
const EDITOR_GZIP_BYTES_MAX = 140 * KB;
const WORKSHOP_WORDS_GZIP_BYTES_MAX = 20 * KB;
const PLUGIN_WORDS_GZIP_BYTES_MAX = 10 * KB;
const DIST_BYTES_MAX = 1536 * KB;
const DIST = new URL("../dist", import.meta.url).pathname;

const isWhole = process.argv.includes("--whole");
const manifest = isWhole ? {} : JSON.parse(readFileSync(join(DIST, "manifest.json"), "utf8"));
const gzip = (file) => gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length;

/** The scripts that load before `key` runs, itself among them. */
function scripts(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const imported of chunk.imports ?? []) scripts(imported, seen);
  return seen;
}
const sum = (files) => [...files].reduce((bytes, file) => bytes + gzip(file), 0);
function wholeSize(folder) {
  return readdirSync(folder).reduce((bytes, name) => {
    const path = join(folder, name);
    return bytes + (statSync(path).isDirectory() ? wholeSize(path) : statSync(path).size);
  }, 0);
}

const shell = scripts("index.html");
/** The words of one language come with the screens that need them: of the two, the longer. */
function longestWords(folder) {
  const files = Object.keys(manifest).filter((key) => key.startsWith(folder)).map((key) => manifest[key].file);
  return files.toSorted((one, other) => gzip(other) - gzip(one))[0];
}
const words = isWhole ? undefined : longestWords("src/paraglide/messages/");
if (words) shell.add(words);
const workshopWords = isWhole ? undefined : longestWords("src/paraglide/workshop/messages/");
const pluginWords = isWhole ? undefined : longestWords("src/paraglide/plugins/messages/");
const editor = new Set([...scripts("src/workflow/Workflow.svelte")].filter((file) => !shell.has(file)));
const ticket = new Set([...scripts("src/ticket/Ticket.svelte")].filter((file) => !shell.has(file)));
const whole = ["whole dist", wholeSize(DIST), DIST_BYTES_MAX];
const budgets = isWhole ? [whole] : [
  ["desk shell and inbox", sum(shell), SHELL_GZIP_BYTES_MAX],
  ["ticket page, lazy", sum(ticket), SHELL_GZIP_BYTES_MAX],
  ["workflow editor, lazy", sum(editor), EDITOR_GZIP_BYTES_MAX],
  ["words of the workshop, lazy", gzip(workshopWords), WORKSHOP_WORDS_GZIP_BYTES_MAX],
  ["words of plugins, lazy", gzip(pluginWords), PLUGIN_WORDS_GZIP_BYTES_MAX],
];
let isOver = false;
for (const [name, bytes, most] of budgets) {
  isOver ||= bytes > most;
  console.log(`${bytes > most ? "OVER" : "  ok"}  ${name}: ${(bytes / KB).toFixed(1)} of ${most / KB} KB`);
}
if (isOver) process.exit(1);
