// Which dialog of the planner is open, and how the period is turned.
import { hand } from "./hand.svelte";
import { monthFrom } from "./days";
import { show } from "./period";
import { planner } from "./planner.svelte";
import { settings } from "./settings.svelte";

export type Panel = "pattern" | "absence" | "shift" | "templates" | "copy" | "import" | "print" | "offer";

class Panels {
  open = $state<Panel | null>(null);
  /** The shift that is offered, when one was pointed at. */
  offered = $state("");
  /** Set by the bar: opens the menu of what can be done with the chosen cells. */
  openMenu: () => void = () => {};

  /** Set by the board: back to the cell with the focus, where its keys are heard. */
  focusBoard: () => void = () => {};

  show(panel: Panel) {
    if (panel === "print" || panel === "offer" || planner.mayEdit) this.open = panel;
  }

  offer(shift = "") {
    this.offered = shift;
    this.show("offer");
  }

  turnPage(by: 1 | -1) {
    show(settings.view === "month" ? monthFrom(settings.day, by) : settings.day + 7 * by);
    hand.go({ row: hand.at.row, column: 0 });
  }
}

export const panels = new Panels();
