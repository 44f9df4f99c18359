// What is being written for a ticket: kept on the server as a draft, sent ten seconds after "send" unless undone.
import { m } from "$m";
import { type Draft, type Visibility, addComment, dropDraft, keepDraft } from "../api/tickets";
import { undo } from "../kit/undo.svelte";
import { type Uploaded, Uploads } from "./uploads.svelte";

/** A draft is kept this long after the last key. */
const KEEP_AFTER_MS = 800;

interface Words {
  text: string;
  visibility: Visibility;
  files: Uploaded[];
  asksClient: boolean;
}

export class Writing extends Uploads {
  text = $state("");
  visibility = $state<Visibility>("public");
  /** Whether the author waits for the client's answer. */
  asksClient = $state(false);
  draft = $state<"none" | "keeping" | "kept" | "failed">("none");
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly ticket: string, readonly sent: () => void) {
    super();
  }

  restore(draft: Draft | null) {
    if (!draft || this.text) return;
    this.text = draft.body;
    this.visibility = draft.visibility;
    this.draft = draft.body ? "kept" : "none";
  }

  typed() {
    this.draft = "keeping";
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => void this.#keep(), KEEP_AFTER_MS);
  }

  /** Waits ten seconds, in which the person may think better of it. */
  send() {
    const asksClient = this.asksClient && this.visibility === "public";
    const words = { text: this.text.trim(), visibility: this.visibility, files: this.files, asksClient };
    const key = crypto.randomUUID();
    clearTimeout(this.#pause);
    this.text = "";
    this.files = [];
    this.draft = "none";
    this.asksClient = false;
    const back = () => {
      this.text = words.text;
      this.visibility = words.visibility;
      this.files = words.files;
      this.asksClient = words.asksClient;
      this.typed();
    };
    const text = words.visibility === "public" ? m.ticket_reply_pending() : m.ticket_note_pending();
    undo.later(text, () => void this.#post(words, key, back), back);
  }

  async #post(words: Words, key: string, back: () => void) {
    try {
      const attachments = words.files.map((file) => file.id);
      await addComment(this.ticket, { text: words.text, visibility: words.visibility, attachments, asks_client: words.asksClient }, key);
      await dropDraft(this.ticket).catch(() => undefined);
      this.error = null;
      this.sent();
    } catch (error) {
      this.error = error;
      if (!this.text) back();
    }
  }

  async #keep() {
    try {
      if (this.text.trim()) await keepDraft(this.ticket, { body: this.text, visibility: this.visibility });
      else await dropDraft(this.ticket);
      this.draft = this.text.trim() ? "kept" : "none";
    } catch {
      this.draft = "failed";
    }
  }
}
