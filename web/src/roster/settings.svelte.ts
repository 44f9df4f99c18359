// What the planner shows and how, remembered in this browser: period, zone, filters, templates, wanted numbers.
import { type Day, DAY_MS, type Zone, ownZone, zoneOf } from "./days";
import { type Template, hours, remember, remembered } from "./templates";

const STORED_AS = "naryad.roster";

interface Kept {
  view: "month" | "week";
  /** "" is the reader's own, "person" each person's, else a zone's name. */
  zone: string;
  client: string;
  queue: string;
  everybody: boolean;
  least: Record<string, number>;
}
const USUAL: Kept = { view: "month", zone: "", client: "", queue: "", everybody: false, least: {} };

class Settings {
  view = $state<Kept["view"]>("month");
  zone = $state("");
  client = $state("");
  queue = $state("");
  everybody = $state(false);
  text = $state("");
  /** New shifts count for the chosen queue and client only. */
  onlyFor = $state(false);
  /** A day of the shown period. */
  day = $state<Day>(zoneOf(ownZone()).wall(Date.now()).day);
  templates = $state.raw<Template[]>([]);
  /** The template that a drag paints and Enter places; nothing: a drag selects. */
  chosen = $state<number | null>(null);
  #least = $state<Record<string, number>>({});

  constructor() {
    if (typeof window === "undefined") return;
    this.templates = remembered();
    try {
      const kept: Kept = { ...USUAL, ...(JSON.parse(localStorage.getItem(STORED_AS) ?? "{}") as Partial<Kept>) };
      Object.assign(this, { view: kept.view, zone: kept.zone, client: kept.client, queue: kept.queue, everybody: kept.everybody });
      this.#least = kept.least;
    } catch {
      localStorage.removeItem(STORED_AS);
    }
  }

  keep() {
    const { view, zone, client, queue, everybody } = this;
    localStorage.setItem(STORED_AS, JSON.stringify({ view, zone, client, queue, everybody, least: this.#least }));
  }

  setTemplates(templates: Template[]) {
    this.templates = templates;
    if (this.chosen !== null && this.chosen >= templates.length) this.chosen = null;
    remember(templates);
  }

  leastOf(client: string, queue: string): number | undefined {
    return this.#least[`${client}/${queue}`];
  }
  setLeast(client: string, queue: string, count: number) {
    this.#least = { ...this.#least, [`${client}/${queue}`]: count };
    this.keep();
  }

  /** "08:00–20:00" as the zone's clock shows it. */
  hoursOf(shift: { start: number; end: number }, zone: Zone): string {
    const from = zone.wall(shift.start);
    const to = zone.wall(shift.end);
    const minutes = (to.day - from.day) * (DAY_MS / 60_000) + to.minutes - from.minutes;
    return hours({ from: from.minutes, minutes }, "full");
  }
}

export const settings = new Settings();
