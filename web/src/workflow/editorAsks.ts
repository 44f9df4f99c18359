// What an editor asks about the place of its cursor, and the place as the server counts it.
import type { EditorState } from "@codemirror/state";
import { type Completion, type Definition, type EditedFile, type Signature, completeAt, definitionAt, formatScript, signatureAt } from "../api/editing";
import type { Finding } from "../api/workflow";
import { language } from "../kit/language.svelte";
import type { WorkflowPage } from "./page.svelte";

export interface Asks {
  complete: (state: EditorState, at: number) => Promise<Completion>;
  signature: (state: EditorState, at: number) => Promise<Signature | null>;
  definition: (state: EditorState, at: number) => Promise<Definition | null>;
  format: (text: string) => Promise<{ text: string | null; finding: Finding | null }>;
  /** Somebody wants to see it. */
  open: (definition: Definition) => void;
}

/** Characters between two places: a letter outside of the first plane counts once, as the server counts it. */
const characters = (state: EditorState, from: number, to: number) => [...state.sliceDoc(from, to)].length;

export function spotOf(state: EditorState, at: number, file: EditedFile) {
  const line = state.doc.lineAt(at);
  return { file, line: line.number, column: characters(state, line.from, at) + 1 };
}

/** The place that the server names, in this text. */
export function placeOf(state: EditorState, lineNumber: number, column: number): number {
  const line = state.doc.line(Math.min(Math.max(lineNumber, 1), state.doc.lines));
  const before = [...line.text].slice(0, Math.max(column - 1, 0)).join("");
  return line.from + before.length;
}

export function asksOf(page: WorkflowPage, file: EditedFile, open: Asks["open"]): Asks {
  const typed = (state: EditorState, at: number) => {
    const text = state.doc.toString();
    const texts = file === "client.toml" ? { ...page.texts, settings: text } : { ...page.texts, script: text };
    return { ...texts, at: spotOf(state, at, file), language: language.current };
  };
  return {
    complete: (state, at) => completeAt(page.client, typed(state, at)),
    signature: (state, at) => signatureAt(page.client, typed(state, at)),
    definition: (state, at) => definitionAt(page.client, typed(state, at)),
    format: (text) => formatScript(page.client, text),
    open,
  };
}
