// Whatever a script asks for or reads, and whatever happens to a ticket, has words: no key of the code is shown.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { language } from "../kit/language.svelte";
import { eventWords } from "../ticket/eventWords";
import type { TimelineEvent } from "../api/tickets";
import { commandWord, factWord, jobWord } from "./words";

const SERVER = join(import.meta.dirname, "../../../src");
const read = (path: string) => readFileSync(join(SERVER, path), "utf8");
const snake = (name: string) => name.replace(/(?<!^)([A-Z])/g, "_$1").toLowerCase();
const variants = (text: string, name: string) => {
  const body = text.slice(text.indexOf(`pub enum ${name} {`));
  return [...body.slice(0, body.indexOf("\n}")).matchAll(/^ {4}([A-Z]\w+)/gm)].map(([, one]) => snake(one!));
};
afterEach(() => void (language.current = "en"));

it("commands of scripts", () => {
  language.current = "ru";
  const api = readdirSync(join(SERVER, "workflow/api")).map((file) => read(`workflow/api/${file}`)).join("\n");
  const commands = new Set([...api.matchAll(/Command::([A-Z]\w+)/g)].map(([, one]) => snake(one!)));
  expect(commands.size).toBeGreaterThan(20);
  for (const one of commands) expect(commandWord(one), one).not.toMatch(/[a-zA-Z]/);
});
it("facts of runs", () => {
  language.current = "ru";
  const facts = variants(read("workflow/facts.rs"), "FactKey");
  expect(facts).toContain("open_tickets_of_asset");
  for (const one of facts) expect(factWord(one).replace("SLA", ""), one).not.toMatch(/[a-zA-Z]/);
  expect(jobWord("call_plugin")).not.toMatch(/[a-zA-Z]/);
});
it("events of tickets", () => {
  language.current = "ru";
  /** Shown as a comment, in words of its own. */
  const said = ["comment_added", "incident_update_sent", "incident_update_reached"];
  for (const type of variants(read("domain/event.rs"), "Event").filter((one) => !said.includes(one))) {
    const entry = { type, body: {}, texts: {}, people: {}, names: {}, tickets: {}, actor: {} } as unknown as TimelineEvent;
    let words = "";
    try {
      words = eventWords(entry, "1");
    } catch {
      // It speaks of what the event holds, so it has words.
    }
    expect(words, type).not.toBe(type.replaceAll("_", " "));
  }
});
