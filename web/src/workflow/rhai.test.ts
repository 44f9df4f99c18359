// Rhai is coloured as it is read: nested comments, interpolated strings, Cyrillic names.
import { describe, expect, it } from "vitest";
import { rhai } from "./rhai";
import { highlightTree, tagHighlighter, tags } from "@lezer/highlight";

const names = tagHighlighter([
  { tag: tags.comment, class: "comment" }, { tag: tags.string, class: "string" }, { tag: tags.keyword, class: "keyword" },
  { tag: tags.number, class: "number" }, { tag: tags.propertyName, class: "property" },
]);
function coloured(code: string): [string, string][] {
  const found: [string, string][] = [];
  highlightTree(rhai.parser.parse(code), names, (from, to, name) => found.push([code.slice(from, to), name]));
  return found;
}

describe("rhai", () => {
  it("knows keywords, properties and numbers", () => {
    expect(coloured("if ticket.priority > 2 { return; }")).toEqual([
      ["if", "keyword"], ["priority", "property"], ["2", "number"], ["return", "keyword"],
    ]);
  });
  it("closes nested comments where they end", () => {
    expect(coloured("/* a /* b */ c */ 1").map(([, name]) => name)).toEqual(["comment", "number"]);
  });
  it("reads code inside an interpolated string", () => {
    expect(coloured("`a ${1} b`").filter(([, name]) => name === "number")).toEqual([["1", "number"]]);
  });
  it("takes Cyrillic names whole", () => expect(coloured("let причина = 1")).toEqual([["let", "keyword"], ["1", "number"]]));
});
