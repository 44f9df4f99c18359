// Two timelines of one ticket side by side: which steps are the same, and where they part.
import type { TimelineEvent } from "../api/tickets";

export interface Pair {
  published: TimelineEvent | null;
  draft: TimelineEvent | null;
  isSame: boolean;
}

/** Ids of each run are its own; what they stand for is compared. */
const OWN_IDS = new Set(["task", "order", "entry", "pack_version", "job", "run", "version", "id"]);

function plain(value: unknown, entry: TimelineEvent): unknown {
  if (typeof value === "string") return (value in entry.texts ? (entry.texts[value] ?? "") : null) ?? entry.tickets[value]?.number ?? value;
  if (Array.isArray(value)) return value.map((one) => plain(one, entry));
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([name]) => !OWN_IDS.has(name));
  return Object.fromEntries(kept.map(([name, one]) => [name, plain(one, entry)]));
}

/** What a step says, without the ids that each run makes anew. */
export function meaning(entry: TimelineEvent): string {
  const { kind, person } = entry.actor as { kind: string; person?: string };
  return JSON.stringify([entry.type, kind, person ?? null, entry.occurred_at, plain(entry.body, entry)]);
}

/** The steps in their order, the same ones beside each other: the longest way that both share. */
export function pairUp(published: TimelineEvent[], draft: TimelineEvent[]): Pair[] {
  const [was, is] = [published.map(meaning), draft.map(meaning)];
  const shared: number[][] = Array.from({ length: was.length + 1 }, () => new Array<number>(is.length + 1).fill(0));
  for (let one = was.length - 1; one >= 0; one -= 1) {
    for (let other = is.length - 1; other >= 0; other -= 1) {
      shared[one]![other] = was[one] === is[other]
        ? shared[one + 1]![other + 1]! + 1
        : Math.max(shared[one + 1]![other]!, shared[one]![other + 1]!);
    }
  }
  const pairs: Pair[] = [];
  let [one, other] = [0, 0];
  while (one < was.length || other < is.length) {
    if (one < was.length && other < is.length && was[one] === is[other]) {
      pairs.push({ published: published[one++]!, draft: draft[other++]!, isSame: true });
    } else if (other >= is.length || (one < was.length && shared[one + 1]![other]! >= shared[one]![other + 1]!)) {
      pairs.push({ published: published[one++]!, draft: null, isSame: false });
    } else {
      pairs.push({ published: null, draft: draft[other++]!, isSame: false });
    }
  }
  return besides(pairs);
}

/** What stands in one run only stands beside what the other has in its place. */
function besides(pairs: Pair[]): Pair[] {
  const rows: Pair[] = [];
  let [left, right]: [TimelineEvent[], TimelineEvent[]] = [[], []];
  const flush = () => {
    for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
      rows.push({ published: left[at] ?? null, draft: right[at] ?? null, isSame: false });
    }
    [left, right] = [[], []];
  };
  for (const pair of pairs) {
    if (pair.isSame) {
      flush();
      rows.push(pair);
      continue;
    }
    if (pair.published) left.push(pair.published);
    if (pair.draft) right.push(pair.draft);
  }
  flush();
  return rows;
}
