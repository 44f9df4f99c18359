// Text as people search and read it.
import { describe, expect, it } from "vitest";
import { fileSize, foldForSearch, initials, words } from "./text";

describe("foldForSearch", () => {
  it("finds ё by е and big by small", () => {
    expect(foldForSearch("Замятие Чека, ещЁ")).toBe("замятие чека, еще");
  });
  it("keeps й apart from и", () => expect(foldForSearch("Чай")).not.toBe(foldForSearch("Чаи")));
  it("drops accents", () => expect(foldForSearch("Café")).toBe("cafe"));
});
describe("initials", () => {
  it.each([["Анна Петрова", "АП"], ["Rustam", "R"], ["  Мария  Анна Иванова ", "МИ"], ["", ""]])("%s", (name, short) =>
    expect(initials(name)).toBe(short));
});
describe("words", () => it("are split by commas, blanks dropped", () => expect(words(" ncr, , diebold ")).toEqual(["ncr", "diebold"])));
describe("fileSize", () => {
  it.each([[512, "512 byte"], [2_345_678, "2.3 MB"], [48_123, "48 kB"]])("%i", (bytes, text) => expect(fileSize(bytes, "en")).toBe(text));
});
