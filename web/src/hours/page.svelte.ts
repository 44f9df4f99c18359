// The calendars and targets of one client as they are edited: read, tried out while typing, saved into the draft.
import { type AskPreview, type Fault, type Preview, type Settings, changeTime, foretell, readTime } from "../api/time";
import { Action, Resource } from "../api/resource.svelte";

const TYPING_PAUSE_MS = 250;

/** `2027-01-29T17:55` of the coming Friday: the moment at which calendars are most doubted. */
export function nextFriday(now: Date): string {
  const away = (5 - now.getDay() + 7) % 7 || 7;
  const friday = new Date(now.getFullYear(), now.getMonth(), now.getDate() + away);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${friday.getFullYear()}-${two(friday.getMonth() + 1)}-${two(friday.getDate())}T17:55`;
}

export class HoursPage {
  readonly read: Resource<Awaited<ReturnType<typeof readTime>>>;
  readonly action = new Action();
  time = $state<Settings>();
  ask = $state({ opened_at: nextFriday(new Date()), time_zone: "", site: "", priority: "3", category: "", sub_client: "", pause_from: "", pause_to: "" });
  faults = $state.raw<Fault[]>([]);
  preview = $state.raw<Preview | null>(null);
  failure = $state.raw<unknown>(null);
  #saved = $state("");
  #turn = new AbortController();

  constructor(readonly client: string) {
    this.read = new Resource(() => readTime(client));
  }

  get isUnsaved() {
    return !!this.time && JSON.stringify(this.time) !== this.#saved;
  }
  faultAt(...ways: string[]): Fault | undefined {
    return this.faults.find((one) => one.field !== null && one.field !== undefined && ways.includes(one.field));
  }

  async load() {
    await this.read.load();
    this.time = this.read.data?.time ? structuredClone(this.read.data.time) : undefined;
    this.#saved = JSON.stringify(this.time);
  }

  save = () =>
    this.action.run(async () => {
      await changeTime(this.client, this.read.data?.base ?? null, $state.snapshot(this.time!) as Settings);
      await this.load();
    });

  /** Asks again a moment after the last change; an answer that is overtaken is dropped. */
  foretellSoon(): () => void {
    const { ask } = this;
    const body: AskPreview = {
      settings: { time: $state.snapshot(this.time) as Settings }, opened_at: ask.opened_at, time_zone: ask.time_zone || null,
      site: ask.site || null, priority: Number(ask.priority), category: ask.category || null, sub_client: ask.sub_client || null,
      pause: ask.pause_from ? { from: ask.pause_from, to: ask.pause_to || null } : null,
    };
    const pause = setTimeout(() => void this.#foretell(body), TYPING_PAUSE_MS);
    return () => clearTimeout(pause);
  }

  async #foretell(body: AskPreview) {
    this.#turn.abort();
    const turn = (this.#turn = new AbortController());
    try {
      const { faults, preview } = await foretell(this.client, body, turn.signal);
      if (turn.signal.aborted) return;
      [this.faults, this.preview, this.failure] = [faults, preview, null];
    } catch (error) {
      if (!turn.signal.aborted) [this.failure, this.preview] = [error, null];
    }
  }
}
