// Every sentence that has words of its own stands in the server's source; in Russian none of it stays English.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { language } from "../kit/language.svelte";
import { ApiFailure, problemWords, wordsFor } from "./failure";
import { SENTENCES, invalidWords } from "./invalid";

const SERVER = join(import.meta.dirname, "../../../src");
function source(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => (entry.isDirectory() ? source(join(folder, entry.name)) : readFileSync(join(folder, entry.name), "utf8")))
    .join("\n");
}
afterEach(() => void (language.current = "en"));

describe("what a value must be", () => {
  const server = source(SERVER).replace(/\\\n\s*/g, "").replace(/\{[^{}"]*\}/g, "{}");
  it.each(SENTENCES.map(([said]) => said))("%s", (said) => expect(server.includes(said)).toBe(true));

  it("is said in Russian, with the moments of the reader's zone", () => {
    language.current = "ru";
    const words = invalidWords("must come after `from`, which is 2026-11-26T04:30:00.000Z");
    expect(words).toContain(new Date("2026-11-26T04:30:00Z").toLocaleTimeString("ru", { hour: "2-digit", minute: "2-digit" }));
    expect(words).not.toMatch(/[a-zA-Z]/);
    const overlap = new ApiFailure(409, "shift_overlaps", "", "from", null, [], [], {
      name: "Анна", from: "2026-11-26T04:30:00.000Z", to: "2026-11-26T12:30:00.000Z",
    });
    expect(wordsFor(overlap)).not.toMatch(/[a-zA-Z]/);
  });
  it("names the column of a table's line", () => {
    language.current = "ru";
    const line = { at: "line 3", code: "invalid", message: "kind: …", field: "kind", values: { message: "there is no kind `nightly`; known: regular, on_call, extra" } };
    expect(problemWords(line)).toBe("kind: вида смены «nightly» нет; есть regular, on_call, extra");
    const person = { at: "line 4", code: "not_found", message: "", values: { what: "person with the login", id: "ivan" } };
    expect(problemWords(person)).toBe("Нет человека с логином «ivan», доступного вам.");
  });
  it("keeps a sentence that it does not know", () => expect(invalidWords("must be blue")).toBe("must be blue"));
});
