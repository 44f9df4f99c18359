// What the call takes between whose brackets the cursor stands: shown while it is typed, or by key; Escape takes it away.
import { type EditorState, type Extension, StateEffect, StateField } from "@codemirror/state";
import { EditorView, type Tooltip, type ViewUpdate, keymap, showTooltip } from "@codemirror/view";
import { m } from "$m";
import type { Signature } from "../api/editing";
import type { Asks } from "./editorAsks";
import { kindWord } from "./kindWords";

const show = StateEffect.define<Tooltip | null>();

const shown = StateField.define<Tooltip | null>({
  create: () => null,
  update(tooltip, transaction) {
    for (const effect of transaction.effects) if (effect.is(show)) return effect.value;
    return tooltip && { ...tooltip, pos: transaction.changes.mapPos(tooltip.pos) };
  },
  provide: (field) => showTooltip.from(field),
});

/** Typing these asks; while it is shown, every step asks again. */
const ASKING = /[(,]/;

export function showSignature(view: EditorView, asks: Asks) {
  const asked = view.state;
  const at = asked.selection.main.head;
  void asks.signature(asked, at).catch(() => null).then((signature) => {
    // Who typed on has asked again.
    if (view.state.doc !== asked.doc || view.state.selection.main.head !== at) return;
    view.dispatch({ effects: show.of(signature && tooltipOf(signature, at)) });
  });
}

export function editorSignature(asks: Asks): Extension {
  return [
    shown,
    EditorView.updateListener.of((update) => {
      if (!update.docChanged && !update.selectionSet) return;
      if (isShown(update.state) || typed(update)) showSignature(update.view, asks);
    }),
    keymap.of([
      { key: "Mod-Shift-Space", preventDefault: true, run: (view) => (showSignature(view, asks), true) },
      { key: "Escape", run: (view) => isShown(view.state) && (view.dispatch({ effects: show.of(null) }), true) },
    ]),
  ];
}

const isShown = (state: EditorState) => state.field(shown) !== null;

function typed(update: ViewUpdate): boolean {
  let asking = false;
  for (const one of update.transactions) {
    if (one.isUserEvent("input")) one.changes.iterChanges((_from, _to, _start, _end, text) => (asking ||= ASKING.test(text.toString())));
  }
  return asking;
}

function tooltipOf(signature: Signature, pos: number): Tooltip {
  return { pos, above: true, create: () => ({ dom: written(signature) }) };
}

function written(signature: Signature): HTMLElement {
  const dom = element("div", "cm-meaning cm-signature", "");
  dom.setAttribute("role", "status");
  dom.setAttribute("aria-label", m.editor_parameters());
  const current = Math.min(signature.current, signature.params.length - 1);
  const head = element("code", "", `${signature.name}(`);
  signature.params.forEach((param, index) => {
    const isCurrent = index === current && signature.current < signature.params.length;
    const name = element(isCurrent ? "strong" : "span", "", param.is_needed ? param.name : `${param.name}?`);
    if (isCurrent) name.setAttribute("aria-current", "true");
    head.append(index > 0 ? ", " : "", name);
  });
  head.append(`)${signature.returns ? ` → ${kindWord(signature.returns)}` : ""}`);
  dom.append(head);
  const param = signature.params[current];
  if (param && signature.current < signature.params.length) {
    const words = [param.kind && kindWord(param.kind), param.doc].filter(Boolean).join(": ");
    if (words) dom.append(element("p", "", `${param.name}: ${words}`));
    if (param.options.length > 0) dom.append(element("small", "", `#{ ${param.options.join(", ")} }`));
  } else if (signature.doc) dom.append(element("p", "", signature.doc));
  return dom;
}

function element(tag: string, className: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}
