// Turns the board to another period, and says so in the address, which can be sent to a colleague.
import { router } from "../shell/router.svelte";
import { type Day, dayOf, dayText } from "./days";
import { settings } from "./settings.svelte";

export function show(day: Day, view = settings.view) {
  settings.day = day;
  settings.view = view;
  settings.keep();
  router.setQuery({ day: dayText(day), view });
}

/** What the address asks for. */
export function readAddress() {
  const day = router.query.get("day");
  const view = router.query.get("view");
  if (day && Number.isFinite(dayOf(day))) settings.day = dayOf(day);
  if (view === "week" || view === "month") settings.view = view;
}
