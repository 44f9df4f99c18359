// What is missing of a report is counted as the server counts it.
import { expect, test } from "vitest";
import { lackingWords } from "./words";

const WANTED = { photos: 2, documents: ["act"], signatures: 1 };

test("a photo without a description counts for nothing", () => {
  const photo = (text: string | null) => ({ kind: "photo" as const, document: null, text });
  const rest = [{ kind: "document" as const, document: "act", text: null }, { kind: "signature" as const, document: null, text: null }];
  expect(lackingWords("1", WANTED, [photo("front"), photo("  "), ...rest])).toContain("1");
  expect(lackingWords("1", WANTED, [photo("front"), photo("inside"), ...rest])).toBe("");
});

test("nothing is missing where nothing is asked for", () => {
  expect(lackingWords("1", null, [])).toBe("");
});

test("every kind that is missing is named", () => {
  expect(lackingWords("1", WANTED, []).split(", ")).toHaveLength(3);
});
