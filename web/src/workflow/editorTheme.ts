// How the editor looks: the desk's own tokens, so that both themes come by themselves.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const letters = (kinds: Record<string, string>) =>
  Object.fromEntries(Object.entries(kinds).map(([kind, letter]) => [`.cm-completionIcon-${kind}:after`, { content: `"${letter}"` }]));

const look = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: "13px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "20px" },
  ".cm-content": { caretColor: "var(--accent)" },
  ".cm-cursor": { borderLeftColor: "var(--accent)" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--ink-2)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--hover)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: "var(--selected)",
  },
  ".cm-markedLine": { backgroundColor: "var(--at-risk-wash)" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--ink)" },
  ".cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-panel input, .cm-panel button": { font: "13px var(--sans)" },
  ".cm-textfield": { border: "1px solid var(--line-strong)", backgroundColor: "var(--surface)", color: "var(--ink)" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--surface)", border: "1px solid var(--line-strong)" },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--line)", boxShadow: "var(--shadow)",
  },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--selected)", color: "var(--ink)" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxWidth: "min(560px, 92vw)", maxHeight: "14em" },
  ".cm-tooltip-autocomplete > ul > li": { display: "flex", alignItems: "baseline", minHeight: "24px", padding: "2px 8px" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600" },
  ".cm-completionDetail": { marginInlineStart: "auto", paddingInlineStart: "16px", color: "var(--ink-2)", fontStyle: "normal", overflow: "hidden", textOverflow: "ellipsis" },
  ".cm-completionInfo": { maxWidth: "min(400px, 80vw)", padding: "8px 12px", font: "14px/20px var(--sans)" },
  ".cm-completionInfo p": { margin: "0" },
  // A letter says what it is: colour alone would not, and the font has no signs.
  ".cm-completionIcon": { flex: "none", width: "1.5em", opacity: "1", color: "var(--ink-2)", fontSize: "100%", paddingInlineEnd: "0.5em" },
  ...letters({ property: "p", method: "m", function: "f", handler: "h", variable: "v", keyword: "w", key: "k", option: "o", module: "i", table: "t" }),
  ".cm-signature strong": { color: "var(--accent)", textDecoration: "underline" },
  ".cm-diagnosticAction": { minHeight: "24px", padding: "0 8px", font: "13px var(--sans)", color: "var(--ink)", backgroundColor: "var(--surface)", border: "1px solid var(--line-strong)", borderRadius: "4px" },
  ".cm-meaning": { maxWidth: "min(640px, 90vw)", maxHeight: "320px", overflow: "auto", padding: "8px 12px", font: "14px/20px var(--sans)" },
  ".cm-meaning code, .cm-meaning pre": { font: "13px/20px var(--mono)", whiteSpace: "pre-wrap", overflowWrap: "anywhere" },
  ".cm-meaning p, .cm-meaning pre": { margin: "0 0 8px" },
  ".cm-meaning small": { color: "var(--ink-2)" },
  ".cm-diagnostic": { fontFamily: "var(--sans)", fontSize: "13px" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--overdue)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--at-risk)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--overdue) 1px" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecoration: "underline wavy var(--at-risk) 1px" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--selected)" },
  ".cm-searchMatch": { backgroundColor: "var(--at-risk-wash)" },
  ".cm-changedLine": { backgroundColor: "var(--on-time-wash) !important" },
  ".cm-deletedChunk": { backgroundColor: "var(--overdue-wash) !important" },
  "&.cm-merge-b .cm-changedText, .cm-changedText": { background: "none", textDecoration: "underline var(--on-time)" },
  ".cm-deletedChunk .cm-deletedText": { background: "none", textDecoration: "line-through var(--overdue)" },
  ".cm-collapsedLines": {
    background: "var(--sunken)", color: "var(--ink-2)", fontFamily: "var(--sans)", padding: "2px 8px",
    // The font has no sign for what CodeMirror sets around the count.
    "&:before, &:after": { content: '"⋯"' },
  },
});

const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--ink-2)", fontStyle: "italic" },
  { tag: [tags.keyword, tags.heading], color: "var(--waiting)", fontWeight: "600" },
  { tag: [tags.string], color: "var(--on-time)" },
  { tag: [tags.number, tags.atom], color: "var(--at-risk)" },
  { tag: [tags.propertyName], color: "var(--accent)" },
  { tag: [tags.function(tags.variableName)], color: "var(--accent)" },
  { tag: [tags.definition(tags.variableName)], color: "var(--ink)", fontWeight: "600" },
  { tag: tags.operator, color: "var(--ink-2)" },
]);

export const editorTheme = [look, syntaxHighlighting(colours)];
