// Coverage beside the lines of the editor: a sign and words for each line, and a colour besides.
import { type Extension, RangeSet, StateEffect, StateField } from "@codemirror/state";
import { EditorView, GutterMarker, gutter } from "@codemirror/view";
import { m } from "$m";
import type { LineCoverage } from "../api/scriptTests";

/** Counts above are written so. */
const TIMES_SHOWN_MAX = 99;
const setCoverage = StateEffect.define<LineCoverage[]>();

class Mark extends GutterMarker {
  constructor(readonly line: LineCoverage) {
    super();
  }
  override eq(other: Mark) {
    return other.line === this.line;
  }
  override toDOM() {
    const mark = document.createElement("span");
    mark.className = `cm-ran cm-ran-${this.line.state}`;
    mark.textContent = signOf(this.line);
    mark.title = wordsOf(this.line);
    return mark;
  }
}

/** `3×`: ran so often; `½`: part of it did not; `–`: did not run. */
export function signOf(line: LineCoverage): string {
  if (line.state === "not_run") return "–";
  if (line.state === "partly") return "½";
  return line.times > TIMES_SHOWN_MAX ? `${TIMES_SHOWN_MAX}+` : `${line.times}×`;
}

export function wordsOf(line: LineCoverage): string {
  if (line.state === "not_run") return m.tests_not_run();
  const missed = line.ways.filter((way) => way.times === 0).map((way) => way.way);
  const ran = m.tests_ran_times({ count: line.times });
  if (line.state === "ran") return ran;
  return missed.length ? `${ran}; ${m.tests_never_went({ ways: missed.join(", ") })}` : `${ran}; ${m.tests_partly()}`;
}

const marks = StateField.define<RangeSet<Mark>>({
  create: () => RangeSet.empty,
  update(found, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(setCoverage)) continue;
      const lines = effect.value.filter((one) => one.line >= 1 && one.line <= transaction.state.doc.lines);
      return RangeSet.of(lines.map((one) => new Mark(one).range(transaction.state.doc.line(one.line).from)), true);
    }
    return transaction.docChanged ? RangeSet.empty : found;
  },
});

const theme = EditorView.theme({
  ".cm-coverage": { minWidth: "3.2em" },
  ".cm-ran": { display: "block", textAlign: "right", padding: "0 4px", fontVariantNumeric: "tabular-nums" },
  ".cm-ran-ran": { color: "var(--on-time)" },
  ".cm-ran-partly": { color: "var(--at-risk)", fontWeight: "600" },
  ".cm-ran-not_run": { color: "var(--overdue)", fontWeight: "600" },
});

export const coverageGutter: Extension = [
  marks,
  gutter({ class: "cm-coverage", markers: (view) => view.state.field(marks) }),
  theme,
];

export function showCoverage(view: EditorView, lines: LineCoverage[]) {
  view.dispatch({ effects: setCoverage.of(lines) });
}
