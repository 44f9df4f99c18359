// Both languages say everything: a missing, an extra or an unused key fails, and so does a lost placeholder.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
type Message = string | { match: Record<string, string> }[];

function messages(locale: string): Map<string, Message> {
  const folder = join(ROOT, "messages", locale);
  const all = new Map<string, Message>();
  for (const file of readdirSync(folder)) {
    const words = JSON.parse(readFileSync(join(folder, file), "utf8")) as Record<string, Message>;
    for (const [key, message] of Object.entries(words)) {
      if (key === "$schema") continue;
      expect(all.has(key), `${key} stands in two files`).toBe(false);
      all.set(key, message);
    }
  }
  return all;
}
function source(folder: string): string {
  return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.name !== "paraglide" && !entry.name.endsWith(".test.ts"))
    .map((entry) => (entry.isDirectory() ? source(join(folder, entry.name)) : readFileSync(join(folder, entry.name), "utf8")))
    .join("\n");
}
const forms = (message: Message) => (typeof message === "string" ? [message] : Object.values(message[0]!.match));
const placeholders = (message: Message) =>
  [...new Set(forms(message).flatMap((form) => form.match(/\{\w+\}/g) ?? []))].toSorted();

const en = messages("en");
const ru = messages("ru");

/** Parts of the words, and the folders whose screens load them. */
const PARTS: Record<string, string[]> = {
  workshop: ["backtest", "graph", "hours", "onboarding", "openTickets", "recount", "shadow", "workflow"],
  plugins: ["plugins"],
};

describe("messages", () => {
  it("have the same keys in both languages", () => {
    expect([...ru.keys()].toSorted()).toEqual([...en.keys()].toSorted());
  });
  it("are all used, and only these are", () => {
    const used = new Set([...source(join(ROOT, "src")).matchAll(/\bm\.(\w+)/g)].map(([, key]) => key!));
    expect([...en.keys()].filter((key) => !used.has(key))).toEqual([]);
    expect([...used].filter((key) => !en.has(key))).toEqual([]);
  });
  it("keep their placeholders and are never empty", () => {
    for (const [key, message] of en) {
      expect(placeholders(ru.get(key)!), key).toEqual(placeholders(message));
      for (const form of [...forms(message), ...forms(ru.get(key)!)]) expect(form.trim(), key).not.toBe("");
    }
  });
  it("have every plural form of their language", () => {
    for (const [key, message] of ru) {
      if (typeof message === "string") continue;
      expect(Object.keys(message[0]!.match), key).toEqual(["plural=one", "plural=few", "plural=many", "plural=other"]);
    }
  });
  it.each(Object.entries(PARTS))("of %s are said on its screens alone, which all load them", (part, own) => {
    const { "plugin.inlang.messageFormat": parts } = JSON.parse(readFileSync(join(ROOT, `${part}.inlang/settings.json`), "utf8"));
    const areas = (parts.pathPattern as string[]).map((path) => readFileSync(join(ROOT, path.replace("{locale}", "en")), "utf8"));
    const keys = new Set(areas.flatMap((text) => Object.keys(JSON.parse(text))));
    const sources = join(ROOT, "src");
    const folders = readdirSync(sources, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== "paraglide");
    const says = folders.filter(({ name }) => [...source(join(sources, name)).matchAll(/\bm\.(\w+)/g)].some(([, key]) => keys.has(key!)));
    expect(says.map(({ name }) => name)).toEqual(own);
    const screens = readFileSync(join(sources, "shell/screens.ts"), "utf8").matchAll(/\["([^"]+)", (\w+)?\(.*"\.\.\/(\w+)\//g);
    const badly = [...screens].filter(([, , wrapped, folder]) => (wrapped === part) !== own.includes(folder!));
    expect(badly.map(([, path]) => path)).toEqual([]);
  });
});
