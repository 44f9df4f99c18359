// The staff by name, for choosing whom: read once, again when somebody changed.
import type { Page } from "../api/client";
import { live } from "../api/live.svelte";
import { type Person, listPeople } from "../api/people";

/** Rows of one page, and how many pages at most: more are found in the people list. */
const PAGE_ROWS = 200;
const PAGES_MAX = 5;

class PeopleBook {
  staff = $state.raw<Person[]>([]);

  start(): () => void {
    void this.load();
    return live.listen((changes) => {
      if (changes.some((change) => change.kind === "person" || change.kind === "everything")) void this.load();
    });
  }

  async load() {
    try {
      this.staff = await readStaff();
    } catch {
      // Whoever may not list people assigns nobody; the server refuses the rest.
    }
  }
}

async function readStaff(): Promise<Person[]> {
  const staff: Person[] = [];
  let cursor: string | null = "";
  for (let page = 0; page < PAGES_MAX && cursor !== null; page += 1) {
    const list: Page<Person> = await listPeople({ affiliation: "staff", is_active: "true", limit: String(PAGE_ROWS), cursor });
    staff.push(...list.items);
    cursor = list.next;
  }
  return staff;
}

export const peopleBook = new PeopleBook();
