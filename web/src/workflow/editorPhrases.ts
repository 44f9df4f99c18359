// The editor's own words in the reader's language.
import { m } from "$m";

export function editorPhrases(): Record<string, string> {
  return {
    Find: m.editor_find(),
    Replace: m.editor_replace(),
    next: m.editor_next(),
    previous: m.editor_previous(),
    all: m.editor_all(),
    "match case": m.editor_match_case(),
    "by word": m.editor_by_word(),
    regexp: m.editor_regexp(),
    replace: m.editor_replace_one(),
    "replace all": m.editor_replace_all(),
    close: m.kit_close(),
    Completions: m.editor_completions(),
    Diagnostics: m.editor_findings(),
    "No diagnostics": m.editor_no_findings(),
  };
}
