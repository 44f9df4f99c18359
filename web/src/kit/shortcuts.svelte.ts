// Keyboard shortcuts by the key's place (`event.code`), so that they work on any layout; listed under `?`.

import { untrack } from "svelte";

const STORED_AS = "naryad.shortcuts";

export interface Shortcut {
  /** Stable name, under which a person's own key is remembered. */
  name: string;
  /** "KeyJ", "Slash", "Mod+KeyK", "Shift+Slash". */
  keys: string;
  label: () => string;
  run: (event: KeyboardEvent) => void;
}
/** A key that belongs to a control by its nature, such as the arrows of a grid: listed, never changed. */
export interface FixedKey {
  keys: string;
  label: string;
}
interface Kept {
  off: boolean;
  own: Record<string, string>;
}

class Shortcuts {
  active = $state.raw<Shortcut[]>([]);
  fixed = $state.raw<FixedKey[]>([]);
  #kept = $state<Kept>({ off: false, own: {} });

  constructor() {
    if (typeof window === "undefined") return;
    try {
      this.#kept = { off: false, own: {}, ...(JSON.parse(localStorage.getItem(STORED_AS) ?? "{}") as Partial<Kept>) };
    } catch {
      localStorage.removeItem(STORED_AS);
    }
    window.addEventListener("keydown", (event) => this.#pressed(event));
  }

  get off() {
    return this.#kept.off;
  }

  /** Adds shortcuts while a screen is shown; call what it returns when the screen goes. */
  add(...added: Shortcut[]): () => void {
    const now = untrack(() => this.active);
    this.active = [...now, ...added];
    return () => (this.active = untrack(() => this.active).filter((one) => !added.includes(one)));
  }

  /** Lists a control's own keys while its screen is shown; call what it returns when the screen goes. */
  list(keys: FixedKey[]): () => void {
    this.fixed = keys;
    return () => (this.fixed = []);
  }

  keysOf(shortcut: Shortcut): string {
    return this.#kept.own[shortcut.name] ?? shortcut.keys;
  }

  remap(shortcut: Shortcut, keys: string) {
    this.#keep({ ...this.#kept, own: { ...this.#kept.own, [shortcut.name]: keys } });
  }

  reset() {
    this.#keep({ off: false, own: {} });
  }

  turn(state: "on" | "off") {
    this.#keep({ ...this.#kept, off: state === "off" });
  }

  #keep(kept: Kept) {
    this.#kept = kept;
    localStorage.setItem(STORED_AS, JSON.stringify(kept));
  }

  #pressed(event: KeyboardEvent) {
    if (event.defaultPrevented || event.isComposing) return;
    const keys = keysOfEvent(event);
    const command = event.ctrlKey || event.metaKey;
    if (!command && (this.#kept.off || isTyping(event) || isPressing(event) || document.querySelector("dialog[open]"))) return;
    const found = this.active.findLast((one) => this.keysOf(one) === keys);
    if (!found) return;
    event.preventDefault();
    found.run(event);
  }
}

export function keysOfEvent(event: KeyboardEvent): string {
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("Mod");
  if (event.altKey) parts.push("Alt");
  if (event.shiftKey) parts.push("Shift");
  return [...parts, event.code].join("+");
}

/** "Mod+KeyK" → "Ctrl K": what the key cap says on a Latin layout. */
export function keyCaps(keys: string): string {
  const mac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);
  if (keys === "Shift+Slash") return "?";
  return keys.split("+").map((part) => {
    if (part === "Mod") return mac ? "⌘" : "Ctrl";
    if (part === "Slash") return "/";
    if (part === "Period") return ".";
    if (part === "BracketLeft") return "[";
    if (part === "BracketRight") return "]";
    return part.replace(/^(Key|Digit)/, "");
  }).join(" ");
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  // A box that is ticked takes no letters.
  if (target instanceof HTMLInputElement && (target.type === "checkbox" || target.type === "radio")) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || !!target.closest("[popover]");
}

/** Enter presses the button or follows the link that has the focus; in a list of rows it opens the row at hand. */
function isPressing(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  if (event.key !== "Enter" || !(target instanceof Element)) return false;
  return !!target.closest("button, summary, a[href]") && !target.closest("[data-rows]");
}

export const shortcuts = new Shortcuts();
