// The checker has no code without words, and no words are for a code that it does not have.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import type { Finding } from "../api/workflow";
import { language } from "../kit/language.svelte";
import { BY_CODE, failureWords, findingWords } from "./findingWords";

const finding = (code: string, values: Record<string, string>): Finding => ({
  file: "workflow.rhai", line: 1, column: 1, severity: "error", code, values, message: "server's words", hint: null,
});
afterEach(() => void (language.current = "en"));

it("every code of the checker and of the formatter has its words", () => {
  const read = (file: string) => readFileSync(join(import.meta.dirname, "../../../src/workflow", file), "utf8");
  const checker = ["check/wrong.rs", "check/live.rs", "check/slips.rs"].map(read).join("");
  const named = [...checker.matchAll(/::\w+(?: \{ \.\. \})? => "(\w+)",/g), ...read("editing/format.rs").matchAll(/=> "(\w+)",/g)];
  // The formatter says of a script that is too long what the checker says of it.
  const codes = [...new Set(named.map(([, code]) => code))].filter((code) => code !== "other");
  expect(Object.keys(BY_CODE).toSorted()).toEqual([...codes, "settings"].toSorted());
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
