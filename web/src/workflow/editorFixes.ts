// Findings as marks in the text, each with the replacement that the server knows.
import { type Action, type Diagnostic, forEachDiagnostic } from "@codemirror/lint";
import type { EditorState } from "@codemirror/state";
import { type EditorView, keymap } from "@codemirror/view";
import { m } from "$m";
import type { Finding } from "../api/workflow";
import { placeOf } from "./editorAsks";

export type Marked = Pick<Finding, "line" | "column" | "message" | "severity"> & Partial<Pick<Finding, "hint" | "values">>;

export function diagnosticOf(finding: Marked, state: EditorState): Diagnostic {
  const line = state.doc.line(Math.min(Math.max(finding.line, 1), state.doc.lines));
  const from = Math.min(placeOf(state, finding.line, finding.column), line.to);
  const fix = fixOf(finding, state, from);
  const word = state.wordAt(from);
  const to = fix ? fix.to : word && word.to > from ? word.to : Math.min(from + 1, line.to);
  return { from, to, severity: finding.severity, message: finding.message, actions: fix ? [fix.action] : [] };
}

/** The wrong word where it stands, with what to write in its place; nothing when another word stands there. */
function fixOf(finding: Marked, state: EditorState, from: number): { to: number; action: Action } | null {
  const { hint, values = {} } = finding;
  if (!hint) return null;
  const wrong = [values.given, values.name, values.path, values.function].find((one) => one && found(state, from, one) !== null);
  if (!wrong) return null;
  const quote = found(state, from, wrong)!;
  const to = from + wrong.length + 2 * quote.length;
  const insert = `${quote}${hint}${quote}`;
  const apply: Action["apply"] = (view, start, end) => view.dispatch({ changes: { from: start, to: end, insert }, userEvent: "input.fix" });
  return { to, action: { name: m.editor_replace_by({ word: hint }), apply } };
}

/** The quotation mark around the word that begins there, which may be none; `null`: it does not stand there. */
function found(state: EditorState, from: number, word: string): string | null {
  const quotes = ["", '"', "`"];
  return quotes.find((quote) => {
    const written = `${quote}${word}${quote}`;
    return state.sliceDoc(from, from + written.length) === written;
  }) ?? null;
}

/** Replaces what the cursor stands in or on by what was meant. */
function fixAtCursor(view: EditorView): boolean {
  const at = view.state.selection.main.head;
  const fixes: (() => void)[] = [];
  forEachDiagnostic(view.state, ({ actions }, from, to) => {
    const [first] = actions ?? [];
    if (first && from <= at && at <= to) fixes.push(() => first.apply(view, from, to));
  });
  fixes[0]?.();
  return fixes.length > 0;
}

export const editorFixes = keymap.of([{ key: "Mod-.", run: fixAtCursor }]);
