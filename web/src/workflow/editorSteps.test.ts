// What is written for an item, where the cursor stays when a script is formatted, what a finding is replaced by.
import { EditorState } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { placeOf, spotOf } from "./editorAsks";
import { templateOf } from "./editorCompletion";
import { type Marked, diagnosticOf } from "./editorFixes";
import { sameLetter } from "./editorSteps";

const HOLE = "\u0000";

describe("an item", () => {
  const written = (kind: Parameters<typeof templateOf>[0]["kind"], params: string | null, before = "", behind = "") =>
    templateOf({ label: "x", kind, params }, "workflow.rhai", before, behind).replaceAll(HOLE, "|");
  it("is written with what belongs to it", () => {
    expect(written("method", "(a, b?)")).toBe("x(|)");
    expect(written("method", "()")).toBe("x()");
    expect(written("method", "(a)", "", "(1)")).toBe("x");
    expect(written("property", null)).toBe("x");
    expect(written("option", null)).toBe("x: |");
    expect(written("option", null, "", ": 1")).toBe("x");
    expect(written("handler", "(ticket)")).toBe("fn x(ticket) {\n    |\n}");
    expect(written("handler", "(ticket)", "fn ")).toBe("x(ticket) {\n    |\n}");
  });
  it("of the settings gets its sign", () => {
    expect(templateOf({ label: "kind", kind: "property", params: null }, "client.toml", "", "")).toBe("kind = ");
    expect(templateOf({ label: "kind", kind: "property", params: null }, "client.toml", "", " = 1")).toBe("kind");
  });
});

describe("a place", () => {
  it("stays at its letter when white space changes", () => {
    expect(sameLetter("fn  a( ){x( );}", "fn a() {\n    x();\n}\n", 10)).toBe("fn a() {\n    x".length);
    expect(sameLetter("a", "a\n", 0)).toBe(0);
  });
  it("is counted in characters, as the server does", () => {
    const state = EditorState.create({ doc: "a\n😀b😀c" });
    expect(spotOf(state, 7, "workflow.rhai")).toEqual({ file: "workflow.rhai", line: 2, column: 4 });
    expect(placeOf(state, 2, 4)).toBe(7);
    expect(placeOf(state, 9, 1)).toBe(2);
  });
});

describe("a finding with a replacement", () => {
  const state = EditorState.create({ doc: 'ticket.status = "in_wrok";\nticket.qeue("x");' });
  const finding = (line: number, column: number, given: string, hint: string | null): Marked => ({
    line, column, message: "", severity: "error", hint, values: { given },
  });
  const marked = (one: Marked) => {
    const { from, to, actions } = diagnosticOf(one, state);
    return [state.sliceDoc(from, to), actions?.length];
  };
  it("covers the wrong word, with its quotation marks", () => {
    expect(marked(finding(1, 17, "in_wrok", "in_work"))).toEqual(['"in_wrok"', 1]);
    expect(marked(finding(2, 8, "qeue", "queue"))).toEqual(["qeue", 1]);
  });
  it("has no replacement where another word stands", () => {
    expect(marked(finding(2, 8, "gone", "queue"))).toEqual(["qeue", 0]);
    expect(marked(finding(2, 8, "qeue", null))).toEqual(["qeue", 0]);
  });
});
