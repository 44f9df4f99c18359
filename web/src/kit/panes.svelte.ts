// Sizes of the panes and which of them are hidden: remembered between visits.

const STORED_AS = "naryad.panes";

interface Sizes {
  list: number;
  context: number;
  contextHidden: boolean;
  listHidden: boolean;
  railNarrow: boolean;
}
const USUAL: Sizes = { list: 380, context: 320, contextHidden: false, listHidden: false, railNarrow: false };
export const PANE_WIDTH_MIN_PX = 240;
export const PANE_WIDTH_MAX_PX = 640;

class Panes {
  #sizes = $state<Sizes>(USUAL);

  constructor() {
    if (typeof window === "undefined") return;
    try {
      this.#sizes = { ...USUAL, ...(JSON.parse(localStorage.getItem(STORED_AS) ?? "{}") as Partial<Sizes>) };
    } catch {
      localStorage.removeItem(STORED_AS);
    }
  }

  get sizes(): Readonly<Sizes> {
    return this.#sizes;
  }

  resize(pane: "list" | "context", width: number) {
    const kept = Math.round(Math.min(PANE_WIDTH_MAX_PX, Math.max(PANE_WIDTH_MIN_PX, width)));
    this.#keep({ ...this.#sizes, [pane]: kept });
  }

  toggle(what: "contextHidden" | "listHidden" | "railNarrow") {
    this.#keep({ ...this.#sizes, [what]: !this.#sizes[what] });
  }

  #keep(sizes: Sizes) {
    this.#sizes = sizes;
    localStorage.setItem(STORED_AS, JSON.stringify(sizes));
  }
}

export const panes = new Panes();
