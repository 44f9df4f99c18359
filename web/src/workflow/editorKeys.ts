// The keys of the script editor, for the list under `?`.
import { m } from "$m";
import type { FixedKey } from "../kit/shortcuts.svelte";

export const editorKeys = (): FixedKey[] => [
  { keys: "Ctrl+Space", label: m.editor_complete() },
  { keys: "Mod+Shift+Space", label: m.editor_show_parameters() },
  { keys: "F12", label: m.editor_definition() },
  { keys: "F1", label: m.editor_explain() },
  { keys: "Shift+Alt+KeyF", label: m.editor_format() },
  { keys: "F8", label: m.editor_next_finding() },
  { keys: "Mod+Period", label: m.editor_fix() },
];
