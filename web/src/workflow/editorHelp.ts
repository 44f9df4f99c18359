// What helps while somebody types, loaded behind the text itself: brackets, completion, parameters, definitions, form.
import { closeBrackets, closeBracketsKeymap, startCompletion } from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import { type EditorView, keymap } from "@codemirror/view";
import { m } from "$m";
import type { EditedFile } from "../api/editing";
import { wordsFor } from "../api/failure";
import type { Asks } from "./editorAsks";
import { editorCompletion } from "./editorCompletion";
import { editorSignature, showSignature } from "./editorSignature";
import { editorSteps, format, goToDefinition } from "./editorSteps";
import { findingWords } from "./findingWords";

export interface Help {
  extension: Extension;
  complete: () => void;
  parameters: () => void;
  definition: () => void;
  format: () => void;
}

/** `say` gets what a step has to say; without `asks` nobody is asked and brackets alone are closed. */
export function helpOf(view: EditorView, asks: Asks | undefined, file: EditedFile, say: (words: string) => void): Help {
  const step = (take: (asks: Asks) => Promise<string>) => async () => {
    if (!asks) return;
    view.focus();
    say("");
    say(await take(asks).catch(wordsFor));
  };
  const steps = {
    complete: step(async () => (startCompletion(view), "")),
    parameters: step(async (asks) => (showSignature(view, asks), "")),
    definition: step(async (asks) => ((await goToDefinition(view, asks)) ? "" : m.editor_no_definition())),
    format: step(async (asks) => {
      const finding = await format(view, asks);
      return finding ? `${m.workflow_finding_at({ line: finding.line, column: finding.column })}: ${findingWords(finding)}` : m.editor_formatted();
    }),
  };
  const asking = asks ? [editorCompletion(asks, file), file === "workflow.rhai" ? [editorSignature(asks), editorSteps(asks, steps)] : []] : [];
  return { ...steps, extension: [closeBrackets(), asking, keymap.of(closeBracketsKeymap)] };
}
