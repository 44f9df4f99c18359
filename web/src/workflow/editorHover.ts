// What a word of the script means, beside the pointer, or at the cursor after F1: from the server's own table.
import { type EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import { type EditorView, type Tooltip, hoverTooltip, keymap, showTooltip } from "@codemirror/view";
import { m } from "$m";
import { readScriptApi } from "../api/scriptApi";
import { language } from "../kit/language.svelte";
import { kindWord } from "./kindWords";
import { type Group, type Word, groupsOf, meanings } from "./scriptWords";

const explain = StateEffect.define<Tooltip | null>();

/** What was asked for by key; any change or movement takes it away. */
const explained = StateField.define<Tooltip | null>({
  create: () => null,
  update(shown, transaction) {
    for (const effect of transaction.effects) if (effect.is(explain)) return effect.value;
    return transaction.docChanged || transaction.selection ? null : shown;
  },
  provide: (field) => showTooltip.from(field),
});

export const editorHover = [
  explained,
  hoverTooltip(async (view, at) => tooltipAt(view.state, at)),
  // Escape takes the explanation away before it closes what else stands open.
  Prec.high(keymap.of([
    { key: "F1", preventDefault: true, run: (view) => (void explainAtCursor(view), true) },
    { key: "Escape", run: (view) => view.state.field(explained) !== null && (view.dispatch({ effects: explain.of(null) }), true) },
  ])),
];

async function explainAtCursor(view: EditorView) {
  const at = view.state.selection.main.head;
  view.dispatch({ effects: explain.of(await tooltipAt(view.state, at)) });
}

async function tooltipAt(state: EditorState, at: number): Promise<Tooltip | null> {
  const groups = await readScriptApi(language.current).then(groupsOf, () => []);
  const found = wordsAt(state, at, groups);
  return found && { pos: found.from, end: found.to, above: true, create: () => ({ dom: written(found.words) }) };
}

function wordsAt(state: EditorState, at: number, groups: Group[]) {
  const range = state.wordAt(at);
  if (!range) return null;
  const line = state.doc.lineAt(at);
  const before = /(?:(\w+)(?:\([^()]*\))?)?(\??\.)\s*$/.exec(line.text.slice(0, range.from - line.from));
  const words = meanings(groups, state.sliceDoc(range.from, range.to), !!before, before?.[1] ?? "");
  return words.length > 0 ? { from: range.from, to: range.to, words } : null;
}

function written(words: Word[]): HTMLElement {
  const dom = element("div", "cm-meaning", "");
  dom.setAttribute("role", "note");
  for (const word of words) {
    const head = `${word.owner}${word.written}${word.kind ? ` → ${kindWord(word.kind)}` : ""}`;
    dom.append(element("code", "", head), element("p", "", word.doc));
  }
  // One example is enough beside the pointer; the page has them all.
  const [first] = words;
  if (first) dom.append(element("small", "", m.script_example()), element("pre", "", first.example.script.trimEnd()));
  return dom;
}

function element(tag: string, className: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}
