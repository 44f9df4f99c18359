// The book of clients: names, colours and each pack's words, read once and again when they change.
import { type Client, type Labelled, type Pack, type Vocabulary, readVocabularies } from "../api/clients";
import { live } from "../api/live.svelte";
import { language } from "../kit/language.svelte";

type Words = "statuses" | "categories" | "queues" | "fields" | "resolutions" | "order_outcomes" | "document_kinds" | "timers" | "stages";

class ClientBook {
  all = $state.raw<Vocabulary[]>([]);
  isLoaded = $state(false);
  #byId = $derived(new Map(this.all.map((one) => [one.client, one])));

  start(): () => void {
    void this.load();
    return live.listen((changes) => {
      if (changes.some(({ kind }) => kind === "client" || kind === "pack" || kind === "everything")) void this.load();
    });
  }

  async load() {
    try {
      this.all = (await readVocabularies()).items;
    } catch {
      // Keys stand in for words until the next change is heard of.
    } finally {
      this.isLoaded = true;
    }
  }

  get(id: string): Vocabulary | undefined {
    return this.#byId.get(id);
  }
  name(id: string): string {
    return this.get(id)?.name ?? "";
  }
  pack(id: string): Pack | null | undefined {
    return this.get(id)?.pack;
  }

  statusWord = (client: string, key: string) => this.#word(client, "statuses", key);
  categoryWord = (client: string, key: string) => this.#word(client, "categories", key);
  queueWord = (client: string, key: string) => this.#word(client, "queues", key);
  fieldWord = (client: string, key: string) => this.#word(client, "fields", key);
  resolutionWord = (client: string, key: string) => this.#word(client, "resolutions", key);
  ticketStageWord = (client: string, key: string) => this.#word(client, "stages", key);
  timerWord = (client: string, key: string) => this.#word(client, "timers", key);
  orderOutcomeWord = (client: string, key: string) => this.#word(client, "order_outcomes", key);
  documentWord = (client: string, key: string) => this.#word(client, "document_kinds", key);

  outcomeWord(client: string, department: string, key: string): string {
    const queue = this.pack(client)?.queues.find((one) => one.key === department);
    return wordOf(queue?.outcomes, key);
  }

  /** The choices of one list for a select, in the reader's language. */
  options(client: string, list: Words): { value: string; label: string }[] {
    return (this.pack(client)?.[list] ?? []).map((one) => ({ value: one.key, label: labelWord(one.label, one.key) }));
  }

  #word(client: string, list: Words, key: string) {
    return wordOf(this.pack(client)?.[list], key);
  }
}

/** The word of a key in a list of them. */
export function wordOf(list: Labelled[] | undefined, key: string): string {
  const found = list?.find((one) => one.key === key);
  return found ? labelWord(found.label, key) : spoken(key);
}

/** A label in the reader's language, else in any, else its key. */
export function labelWord(label: Record<string, string>, key: string): string {
  return label[language.current] ?? Object.values(label)[0] ?? spoken(key);
}

/** A key that has no label, made readable: `waiting_for_part` → "waiting for part". */
export function spoken(key: string): string {
  return key.replaceAll("_", " ");
}

export const clientBook = new ClientBook();
export type { Client };
