// Steps of the editor that have a key and a button: go to the definition, bring the script into its usual form.
import { EditorView, keymap } from "@codemirror/view";
import type { Finding } from "../api/workflow";
import { type Asks, placeOf } from "./editorAsks";

/** Whether a definition was found. */
export async function goToDefinition(view: EditorView, asks: Asks, at = view.state.selection.main.head): Promise<boolean> {
  const definition = await asks.definition(view.state, at).catch(() => null);
  if (definition) asks.open(definition);
  return definition !== null;
}

/** What kept the script from being formatted; nothing: it is in its usual form now. */
export async function format(view: EditorView, asks: Asks): Promise<Finding | null> {
  const before = view.state.doc.toString();
  const { text, finding } = await asks.format(before);
  if (finding) view.dispatch({ selection: { anchor: placeOf(view.state, finding.line, finding.column) }, scrollIntoView: true });
  // Who typed on meanwhile keeps what was typed.
  if (text !== null && text !== before && view.state.doc.toString() === before) replace(view, before, text);
  return finding;
}

/** Writes what differs and leaves the cursor at the letter where it stood: only white space has changed. */
function replace(view: EditorView, before: string, text: string) {
  const most = Math.min(before.length, text.length);
  let start = 0;
  while (start < most && before[start] === text[start]) start += 1;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === text[text.length - 1 - end]) end += 1;
  const anchor = sameLetter(before, text, view.state.selection.main.head);
  view.dispatch({
    changes: { from: start, to: before.length - end, insert: text.slice(start, text.length - end) },
    selection: { anchor }, userEvent: "format", scrollIntoView: true,
  });
}

/** Where in `after` the letter stands that is at `at` in `before`; both differ in white space alone. */
export function sameLetter(before: string, after: string, at: number): number {
  const wanted = before.slice(0, at).replace(/\s/g, "").length;
  let seen = 0;
  let place = 0;
  while (seen < wanted && place < after.length) {
    if (!/\s/.test(after[place]!)) seen += 1;
    place += 1;
  }
  return place;
}

export interface Steps {
  definition: () => void;
  format: () => void;
}

export function editorSteps(asks: Asks, steps: Steps) {
  return [
    keymap.of([
      { key: "F12", preventDefault: true, run: () => (steps.definition(), true) },
      { key: "Shift-Alt-f", preventDefault: true, run: () => (steps.format(), true) },
    ]),
    EditorView.domEventHandlers({
      mousedown(event, view) {
        if (event.button !== 0 || !(event.ctrlKey || event.metaKey)) return false;
        const at = view.posAtCoords({ x: event.clientX, y: event.clientY });
        if (at === null) return false;
        view.dispatch({ selection: { anchor: at } });
        void goToDefinition(view, asks, at);
        return true;
      },
    }),
  ];
}
