// The checker has no code without words, and no words are for a code that it does not have.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import type { Finding } from "../api/workflow";
import { language } from "../kit/language.svelte";
import { FAULT_CODES } from "./faultWords";
import { BY_CODE, failureWords, findingWords } from "./findingWords";
import { BY_SYNTAX } from "./syntaxWords";

const finding = (code: string, values: Record<string, string>): Finding => ({
  file: "workflow.rhai", line: 1, column: 1, severity: "error", code, values, message: "server's words", hint: null,
});
afterEach(() => void (language.current = "en"));

it("every code of the checker and of the formatter has its words", () => {
  const read = (file: string) => readFileSync(join(import.meta.dirname, "../../../src/workflow", file), "utf8");
  const checker = ["check/wrong.rs", "check/live.rs", "check/slips.rs", "check/syntax.rs"].map(read).join("");
  const named = [...checker.matchAll(/::\w+(?: \{ \.\. \})? => "(\w+)",/g), ...read("editing/format.rs").matchAll(/=> "(\w+)",/g)];
  // The formatter says of a script that is too long what the checker says of it.
  const codes = [...new Set(named.map(([, code]) => code))].filter((code) => code !== "other");
  expect(Object.keys(BY_CODE).toSorted()).toEqual([...codes, "settings"].toSorted());
});
it("every code of a fault in the settings has its words", () => {
  const sources = ["pack.rs", "pack/check.rs", "pack/check_lines.rs", "pack/fault.rs", "pack/incidents.rs", "pack/schedule.rs", "pack/unreadable.rs",
    "contract/check.rs", "watch/settings.rs", "sla/targets.rs", "calendars.rs", "calendar/settings.rs"];
  const read = (file: string) => readFileSync(join(import.meta.dirname, "../../../src/domain", file), "utf8").split("#[cfg(test)]")[0] ?? "";
  const wanted = [
    /PackFault::(?:at|near)\([^;]*?, "(\w+)",/g, /self\.wrong\([^;]*?, "(\w+)",/g, /[^.]wrong\((?:member|"\w+"), "(\w+)"/g, /wrong\("(\w+)", \[/g,
    /coded\("(\w+)"/g, /of_file\("(\w+)"/g, /code: "(\w+)"/g, /Self::at\(way, "(\w+)"/g, /"(toml_\w+)"/g, /\("(form_\w+)"/g,
    /return (?:Some\()?\("(\w+)",/g, /CalendarError::\w+(?: ?[({][^)}]*[)}])? => "(\w+)"/g,
  ];
  const texts = sources.map(read).join("\n");
  const codes = new Set(wanted.flatMap((one) => [...texts.matchAll(one)].map(([, code]) => code ?? "")));
  expect(codes.size).toBeGreaterThan(70);
  expect([...codes].filter((code) => !FAULT_CODES.includes(code))).toEqual([]);
});
it("a fault in the settings is said in the reader's language", () => {
  language.current = "ru";
  const fault = (code: string, ...values: string[]) =>
    findingWords(finding("settings", { detail: "server's words", fault: code, ...Object.fromEntries(values.map((value, index) => [index, value])) }));
  expect(fault("not_among", "queue", "lin_1", "line_1, line_2")).toBe("в настройках ошибка: Нет такого: очередь lin_1; есть: line_1, line_2.");
  expect(fault("wrong_type", "number", "text")).toBe("в настройках ошибка: Здесь нужно: текст, а не число.");
  expect(fault("unknown_member", "titel", "key, title", "title")).toBe("в настройках ошибка: titel здесь нет; может быть, title?");
  for (const code of FAULT_CODES) expect(fault(code, "1", "2", "3"), code).toMatch(/ошибка: .*[а-я]/i);
});
it("what does not parse is said in Russian, each kind", () => {
  language.current = "ru";
  for (const [code, words] of Object.entries(BY_SYNTAX)) expect(words({ given: "x", name: "x", param: "y", max: "7" }), code).toMatch(/[а-я]{3}/);
});
it("sets and kinds are named too", () => {
  language.current = "ru";
  expect(findingWords(finding("no_key", { what: "queue", given: "lin_1" }))).toBe("нет такого: очередь lin_1");
  expect(findingWords(finding("kind_wanted", { wanted: "list of text", found: "key of a queue" }))).toBe("здесь нужно: список: текст, а не ключ: очередь");
  expect(findingWords(finding("takes", { name: "queue", needed: "1", most: "2", given: "3" }))).toBe("у queue параметров от 1 до 2, а дано 3");
});
it("a code that is not known keeps the server's sentence", () => expect(findingWords(finding("newer", {}))).toBe("server's words"));
it("each limit of a test has its words", () => {
  language.current = "ru";
  const stopped = readFileSync(join(import.meta.dirname, "../../../src/rehearsal/script_tests/stopped.rs"), "utf8");
  const codes = [...stopped.matchAll(/=> "(\w+)",/g)].map(([, code]) => code ?? "");
  expect(codes.length).toBe(4);
  for (const code of codes) expect(failureWords({ code, values: { max: "7" }, message: "server's words" })).toMatch(/[а-я].*7/);
  expect(failureWords({ message: "server's words" })).toBe("server's words");
});
