// Why a run failed: every sentence stands in the server's source, what ends a run has its words, in Russian too.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { language } from "../kit/language.svelte";
import { FAILURES, failureWords } from "./failureWords";

const SERVER = join(import.meta.dirname, "../../../src");
const plain = (text: string) => text.replace(/\\\n\s*/g, "").replace(/\{[^{}"]*\}/g, "{}");
function source(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => (entry.isDirectory() ? source(join(folder, entry.name)) : readFileSync(join(folder, entry.name), "utf8")))
    .join("\n");
}
afterEach(() => void (language.current = "en"));

describe("why a run failed", () => {
  const server = plain(source(SERVER));
  it.each(FAILURES.map(([said]) => said))("%s", (said) => expect(server.includes(said)).toBe(true));

  it("has words for each limit that ends a run", () => {
    const failure = plain(readFileSync(join(SERVER, "workflow/failure.rs"), "utf8").split("#[cfg(test)]")[0]!);
    const said = [...failure.matchAll(/"((?:the script|functions call|`\.)[^"]*)"/g)].map(([, one]) => one!);
    expect(said.length).toBeGreaterThan(5);
    expect(said.filter((one) => !FAILURES.some(([known]) => known === one))).toEqual([]);
  });
  it("is said in Russian, with its place", () => {
    language.current = "ru";
    expect(failureWords("line 46: the ticket is closed; reopen it first")).toBe("строка 46: заявка закрыта; сначала откройте её снова");
    expect(failureWords("the script threw: нет (shared/visits, line 3, column 7)")).toBe("сценарий прервал себя: нет (shared/visits, строка 3, столбец 7)");
    expect(failureWords("Array index 4 out of bounds: only 2 elements in array (line 3, column 7)")).toBe("элемента 4 нет: в массиве их 2 (строка 3, столбец 7)");
    expect(failureWords("line 3: due: lies in the past")).toBe(`строка 3: due: ${failureWords("lies in the past")}`);
  });
  it("keeps a sentence that it does not know", () => expect(failureWords("the moon fell (line 1, column 2)")).toBe("the moon fell (line 1, column 2)"));
});
