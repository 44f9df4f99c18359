// The planner's state: which period, whose zone, which people; what stands, and the changes on their way to the server.
import { m } from "$m";
import { ApiFailure, problemWords, wordsFor } from "../api/failure";
import { live } from "../api/live.svelte";
import { type ClosedDay, type RosterChange, type Worker, changeRoster, readClosedDays, readRoster } from "../api/roster";
import { foldForSearch } from "../kit/text";
import { session } from "../shell/session.svelte";
import { type Held, type Row, away, rowOf } from "./board";
import { type Conflict, type CountsFor, type Plan, after, conflictsOf, isEmpty } from "./changes";
import { isMember } from "./coverage";
import { DAY_MS, type Day, HOUR_MS, dayText, daysFrom, mondayOf, monthFrom, ownZone, zoneOf } from "./days";
import { gather, keepSame } from "./held";
import { History, inverse, stepOf } from "./history";
import { changedSince } from "./meanwhile";
import { settings } from "./settings.svelte";

/** Zones differ from UTC by so much at most; and a shift beside the period may overlap one in it. */
const AROUND_MS = 14 * HOUR_MS + DAY_MS;
/** More people than this are read again together with all the others. */
const READ_ALONE_MAX = 30;
/** Conflicts that are told one by one. */
export const TOLD_MAX = 5;

export interface Trouble {
  person: string;
  start: number;
  text: string;
}

class Planner {
  workers = $state.raw<Worker[]>([]);
  held = $state.raw<Map<string, Held>>(new Map());
  closed = $state.raw<ClosedDay[]>([]);
  mayKeepAll = $state(false);
  isLoaded = $state(false);
  error = $state.raw<unknown>(null);
  /** What somebody just did, or why it was not done: spoken to screen readers and shown below the bar. */
  said = $state("");
  troubles = $state.raw<Trouble[]>([]);
  isBusy = $state(false);
  canUndo = $state(false);
  canRedo = $state(false);
  /** While something is dragged, what others change waits. */
  isDragging = false;
  #history = new History();
  #queue: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isStale = false;
  #reading = 0;
  /** The turn that is on its way; nothing is: 0. */
  #loading = 0;
  #rows = new Map<string, { key: string; held: Held | undefined; worker: Worker; row: Row }>();

  readonly days: Day[] = $derived(
    settings.view === "month"
      ? daysFrom(monthFrom(settings.day), monthFrom(settings.day, 1) - monthFrom(settings.day))
      : daysFrom(mondayOf(settings.day), 7),
  );
  readonly rows: Row[] = $derived(this.#shown().map((worker) => this.#rowOf(worker)));
  /** The zone of the head line. */
  readonly zone = $derived(zoneOf(settings.zone === "person" || settings.zone === "" ? ownZone() : settings.zone));
  readonly mayEdit = $derived(this.mayKeepAll || this.supervises(settings.client));

  supervises(client: string): boolean {
    const reach = session.me?.scope.supervises;
    return !!reach && (reach.all || (client !== "" && reach.clients.includes(client)));
  }

  /** For what new shifts count: all of the person's queues, or what is chosen above. */
  countsFor(): CountsFor {
    const only = settings.onlyFor || !this.mayKeepAll;
    return { queue: (only && settings.queue) || null, client: (only && settings.client) || null };
  }

  #shown(): Worker[] {
    const wanted = foldForSearch(settings.text);
    return this.workers.filter((worker) => {
      if (wanted && !foldForSearch(worker.name).includes(wanted)) return false;
      const shifts = this.held.get(worker.id)?.shifts ?? [];
      const { client, queue } = settings;
      if (queue) return isMember(worker, { queue, client }) || worker.memberships.some((own) => own.queue === queue && !client);
      if (client) return worker.memberships.some((own) => own.client === client || own.client === null) || shifts.some((shift) => shift.client === client);
      return settings.everybody || worker.memberships.length > 0 || this.held.has(worker.id);
    });
  }

  #rowOf(worker: Worker): Row {
    const zone = settings.zone === "person" ? zoneOf(worker.time_zone) : this.zone;
    const held = this.held.get(worker.id);
    const key = `${zone.name} ${this.days[0]} ${this.days.length}`;
    const known = this.#rows.get(worker.id);
    if (known?.key === key && known.held === held && known.worker === worker) return known.row;
    const row = rowOf(worker, held, this.days, zone);
    this.#rows.set(worker.id, { key, held, worker, row });
    return row;
  }

  get period() {
    const days = this.days;
    const from = new Date(days[0]! * DAY_MS - AROUND_MS).toISOString();
    return { from, to: new Date((days[days.length - 1]! + 1) * DAY_MS + AROUND_MS).toISOString() };
  }

  start(): () => void {
    return live.listen((changes) => {
      if (changes.some(({ kind }) => kind === "roster" || kind === "person" || kind === "everything")) this.#outdated();
    });
  }

  #outdated() {
    this.#isStale = true;
    this.catchUp();
  }

  /** Reads what others changed, when nothing of our own is on its way. */
  catchUp() {
    if (this.#isStale && !this.isDragging && this.#waiting === 0) void this.load();
  }

  async load(): Promise<void> {
    this.#isStale = false;
    const turn = (this.#loading = ++this.#reading);
    try {
      const [page, closed] = await Promise.all([
        readRoster(this.period),
        readClosedDays(dayText(this.days[0]!), dayText(this.days[this.days.length - 1]!)),
      ]);
      if (turn !== this.#reading) return;
      this.held = keepSame(this.held, gather(page));
      if (JSON.stringify(page.workers) !== JSON.stringify(this.workers)) this.workers = page.workers;
      this.closed = closed.items;
      this.mayKeepAll = page.may_keep_all;
      this.error = null;
      this.isLoaded = true;
    } catch (error) {
      if (turn === this.#reading) this.error = error;
    } finally {
      if (turn === this.#loading) this.#loading = 0;
    }
  }

  /** Reads some people's again, into what stands. */
  async #readAgain(people: string[]): Promise<void> {
    if (people.length > READ_ALONE_MAX) return this.load();
    const page = await readRoster({ ...this.period, people: people.join(",") });
    const fresh = gather(page);
    const held = new Map(this.held);
    for (const person of people) {
      const own = fresh.get(person);
      if (own) held.set(person, own);
      else held.delete(person);
    }
    this.held = held;
  }

  /** Does one thing after the other: each sees what the one before has made. */
  /** Answers whether it was done. */
  act(text: (count: number) => string, build: () => Plan | RosterChange | null): Promise<boolean> {
    return new Promise((done) => {
      this.#enqueue(async () => {
        try {
          done(await this.#act(text, build()));
        } finally {
          // After an answer this says nothing.
          done(false);
        }
      });
    });
  }
  async #act(text: (count: number) => string, built: Plan | RosterChange | null): Promise<boolean> {
    if (!built) return false;
    const { change, leftOut } = "change" in built ? built : { change: built, leftOut: 0 };
    const step = await this.#carryOut(change, text);
    if (!step) return false;
    if (leftOut) this.said += ` ${m.roster_left_out({ count: leftOut })}`;
    this.#history.add(step);
    this.#tellHistory();
    return true;
  }

  undo = () => this.#takeBack("done", "undone", (text) => m.roster_undone({ what: text }));
  redo = () => this.#takeBack("undone", "done", (text) => m.roster_redone({ what: text }));

  #takeBack(from: "done" | "undone", to: "done" | "undone", words: (text: string) => string) {
    this.#enqueue(async () => {
      const step = this.#history[from][this.#history[from].length - 1];
      if (!step) return;
      const change = inverse(step, this.held);
      this.#history[from] = this.#history[from].slice(0, -1);
      if (!change) this.said = m.roster_undo_stale();
      else {
        const back = await this.#carryOut(change, () => words(step.text));
        if (back) this.#history[to] = [...this.#history[to], { ...back, text: step.text }];
      }
      this.#tellHistory();
    });
  }

  #tellHistory() {
    this.canUndo = this.#history.done.length > 0;
    this.canRedo = this.#history.undone.length > 0;
  }

  #enqueue(task: () => Promise<void>) {
    this.#waiting += 1;
    this.#queue = this.#queue.then(task).catch((error: unknown) => void (this.said = wordsFor(error))).finally(() => {
      this.#waiting -= 1;
      this.catchUp();
    });
  }

  async #carryOut(change: RosterChange, text: (count: number) => string) {
    this.troubles = [];
    if (isEmpty(change)) {
      this.said = m.roster_nothing_to_do();
      return null;
    }
    const conflicts = conflictsOf(this.held, change);
    if (conflicts.length) return this.#refuse(conflicts);
    const touched = this.#touched(change);
    const before = new Map(touched.map((person) => [person, this.held.get(person) ?? { shifts: [], absences: [] }]));
    const stood = this.held;
    this.#showAtOnce(change, touched);
    this.isBusy = true;
    const dropped = this.#dropReading();
    const count = Math.max(change.put_shifts.length + change.put_absences.length, change.remove_shifts.length + change.remove_absences.length);
    try {
      const done = await changeRoster(change);
      this.#isStale = dropped;
      await this.#readAgain(touched);
      this.said = text(count);
      const now = new Map(touched.map((person) => [person, this.held.get(person) ?? { shifts: [], absences: [] }]));
      return stepOf(this.said, change, before, now, done.id);
    } catch (error) {
      this.held = stood;
      this.#isStale ||= dropped;
      await this.#explain(error, change, touched, before);
      return null;
    } finally {
      this.isBusy = false;
    }
  }

  /** What was asked for before a change must not be shown after it; true when it has to be asked for again. */
  #dropReading(): boolean {
    const isOnItsWay = this.#loading !== 0;
    this.#reading += 1;
    this.#loading = 0;
    return isOnItsWay;
  }

  #refuse(conflicts: Conflict[]): null {
    this.troubles = conflicts.map((one) => ({ person: one.person, start: one.start, text: conflictWords(one, this.rows) }));
    this.said = m.roster_conflicts({ count: conflicts.length });
    return null;
  }

  #touched(change: RosterChange): string[] {
    const people = new Set([...change.put_shifts, ...change.put_absences].map((put) => put.person));
    const ids = new Set([...change.remove_shifts, ...change.remove_absences, ...change.put_shifts].map((one) => one.id));
    for (const [person, { shifts, absences }] of this.held) {
      if ([...shifts, ...absences].some((one) => ids.has(one.id))) people.add(person);
    }
    return [...people];
  }

  #showAtOnce(change: RosterChange, touched: string[]) {
    const gone = new Set([...change.remove_shifts, ...change.remove_absences, ...change.put_shifts].map((one) => one.id));
    const shown = after(this.held, change);
    const held = new Map(this.held);
    for (const person of touched) {
      const own = held.get(person) ?? { shifts: [], absences: [] };
      const shifts = shown.get(person) ?? own.shifts.filter((shift) => !gone.has(shift.id));
      const made = change.put_absences.filter((put) => put.person === person).map((put) => away({ id: "", version: 0, ...put }));
      held.set(person, { shifts, absences: [...own.absences.filter((one) => !gone.has(one.id)), ...made] });
    }
    this.held = held;
  }

  /** The server refused: which cells, why, and who was faster. */
  async #explain(error: unknown, change: RosterChange, touched: string[], before: Map<string, Held>) {
    this.said = wordsFor(error);
    if (!(error instanceof ApiFailure)) return;
    if (error.problems.some((one) => one.code === "stale_version" || one.code === "not_found" || one.code === "shift_overlaps")) {
      await this.#readAgain(touched);
      const told = changedSince(change, before, this.held, this.rows);
      if (told.length) this.troubles = told;
    }
    const others = error.problems.flatMap((one) => {
      const put = change.put_shifts[Number(/^put_shifts\[(\d+)\]/.exec(one.at)?.[1] ?? -1)];
      const text = one.code === "shift_overlaps" ? m.roster_conflict_overlap_plain() : problemWords(one);
      return put ? [{ person: put.person, start: Date.parse(put.from), text }] : [];
    });
    this.troubles = [...this.troubles, ...others];
    if (this.troubles.length) this.said = m.roster_conflicts({ count: this.troubles.length });
  }
}

function conflictWords(conflict: Conflict, rows: Row[]): string {
  if (conflict.why === "too_long") return m.roster_conflict_too_long();
  if (conflict.why === "no_length") return m.roster_conflict_no_length();
  const row = rows.find((one) => one.worker.id === conflict.person);
  if (!row || !conflict.other) return m.roster_conflict_overlap_plain();
  return m.roster_conflict_overlap({ hours: settings.hoursOf(conflict.other, row.zone) });
}

export const planner = new Planner();
