// What can stand at the cursor, from the server, in CodeMirror's list.
import {
  type Completion, type CompletionContext, type CompletionResult, autocompletion, closeCompletion, completionKeymap, pickedCompletion,
} from "@codemirror/autocomplete";
import { Prec } from "@codemirror/state";
import { type EditorView, keymap } from "@codemirror/view";
import type { EditedFile, Item } from "../api/editing";
import type { Asks } from "./editorAsks";
import { kindWord } from "./kindWords";

/** Behind these the server is asked without being told to. */
const ASKING = /[\p{L}\p{N}_.:"`]$|#\{ ?$|\[$/u;
const NAME = /^[\p{L}\p{N}_]*$/u;
const IN_TEXT = /^[^"`\n]*$/;

export function editorCompletion(asks: Asks, file: EditedFile) {
  const source = async (context: CompletionContext): Promise<CompletionResult | null> => {
    const { state, pos } = context;
    if (!context.explicit && !ASKING.test(state.sliceDoc(Math.max(0, pos - 3), pos))) return null;
    const found = await asks.complete(state, pos).catch(() => null);
    if (!found || context.aborted || found.items.length === 0) return null;
    const before = [...state.sliceDoc(state.doc.lineAt(pos).from, pos)];
    const from = pos - before.slice(before.length - found.replaces).join("").length;
    const options = found.items.map((item, index) => optionOf(item, file, found.items.length - index));
    return { from, options, validFor: found.is_in_text ? IN_TEXT : NAME };
  };
  return [
    autocompletion({ override: [source], activateOnTypingDelay: 60, maxRenderedOptions: 200 }),
    keymap.of(completionKeymap),
    // Who asks what a word means reads that: the list makes room, and Escape then takes the explanation away.
    Prec.highest(keymap.of([{ key: "F1", run: (view) => (closeCompletion(view), false) }])),
  ];
}

function optionOf(item: Item, file: EditedFile, rank: number): Completion {
  const kind = item.detail && kindWord(item.detail);
  const detail = `${item.params ?? ""}${kind && item.params ? " → " : ""}${kind}`;
  return {
    label: item.label, type: item.kind, detail, info: item.doc ? () => info(item) : undefined,
    // Of what fits alike, the server's order counts.
    boost: Math.min(rank / 100, 10), apply: (view, chosen, from, to) => write(view, chosen, item, file, from, to),
  };
}

function info(item: Item): HTMLElement {
  const dom = document.createElement("p");
  dom.textContent = item.doc;
  return dom;
}

function write(view: EditorView, chosen: Completion, item: Item, file: EditedFile, from: number, to: number) {
  const line = view.state.doc.lineAt(from);
  const template = templateOf(item, file, view.state.sliceDoc(line.from, from), view.state.sliceDoc(to, view.state.doc.lineAt(to).to));
  const hole = template.indexOf(HOLE);
  const insert = template.replace(HOLE, "");
  view.dispatch({
    changes: { from, to, insert }, selection: { anchor: from + (hole < 0 ? insert.length : hole) },
    scrollIntoView: true, userEvent: "input.complete", annotations: pickedCompletion.of(chosen),
  });
}

/** Where the cursor goes. */
const HOLE = "\u0000";

/** What is written for an item; a hole is where the cursor goes. */
export function templateOf(item: Pick<Item, "label" | "kind" | "params">, file: EditedFile, before: string, behind: string): string {
  const { label, kind, params } = item;
  if (file === "client.toml") return kind === "property" && !/^\s*=/.test(behind) ? `${label} = ` : label;
  if (kind === "handler") return `${/\bfn\s+$/.test(before) ? "" : "fn "}${label}${params} {\n    ${HOLE}\n}`;
  if (kind === "option") return /^\s*:/.test(behind) ? label : `${label}: ${HOLE}`;
  if (params === null || behind.startsWith("(")) return label;
  return params === "()" ? `${label}()` : `${label}(${HOLE})`;
}
