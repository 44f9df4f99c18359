// What is being edited of a client's workflow: its two texts, what the server finds in them, and the draft.
import type { Reach } from "../api/openTickets";
import { Action, Resource } from "../api/resource.svelte";
import { lastBacktest } from "../backtest/page.svelte";
import { type Finding, type Texts, type Workflow, check, listVersions, publish, readWorkflow, release, rollBack, saveDraft, startFromPack } from "../api/workflow";

/** The server checks once the person pauses typing this long. */
const CHECK_AFTER_MS = 200;

export class WorkflowPage {
  readonly read: Resource<Workflow>;
  readonly versions = new Resource(() => listVersions(this.client));
  readonly backtest: ReturnType<typeof lastBacktest>;
  readonly action = new Action();
  script = $state("");
  settings = $state("");
  findings = $state.raw<Finding[]>([]);
  isChecking = $state(false);
  /** The texts that the findings belong to; until they are these, the check is not the answer. */
  #checked = $state.raw<Texts | null>(null);
  #digest = $state.raw<string | null>(null);
  #saved = $state.raw<Texts>({ script: "", settings: "" });
  /** Since the page was read. */
  #savedAt = $state<string>();
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly client: string) {
    this.backtest = lastBacktest(client);
    this.read = new Resource(() => readWorkflow(client));
  }

  get texts(): Texts {
    return { script: this.script, settings: this.settings };
  }
  get published(): Texts {
    const { script = "", settings = "" } = this.read.data ?? {};
    return { script, settings };
  }
  /** When the draft was saved; `undefined`: there is none. */
  get savedAt() {
    return this.#savedAt ?? this.read.data?.draft?.saved_at;
  }
  get isUnsaved() {
    return !same(this.texts, this.#saved);
  }
  get isAsPublished() {
    return same(this.texts, this.published);
  }
  /** Nothing is published and nothing was begun: there is a choice of packs. */
  get isBlank() {
    return !!this.read.data && !this.read.data.published && !this.read.data.draft && !this.script && !this.settings;
  }
  get isClean() {
    return this.#checked !== null && same(this.#checked, this.texts) && !this.findings.some((one) => one.severity === "error");
  }

  /** What the server calls the texts as they stand; nothing while they are not checked. */
  get digest() {
    return this.#checked && same(this.#checked, this.texts) ? this.#digest : null;
  }
  get errors() {
    return this.findings.filter((one) => one.severity === "error").length;
  }

  async load() {
    await this.read.load();
    const workflow = this.read.data;
    if (!workflow) return;
    this.#saved = workflow.draft ?? { script: workflow.script, settings: workflow.settings };
    this.script = this.#saved.script;
    this.settings = this.#saved.settings;
    await Promise.all([this.check(), this.versions.load(), this.backtest.load()]);
  }

  typed() {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => void this.check(), CHECK_AFTER_MS);
  }

  async check() {
    clearTimeout(this.#pause);
    const texts = this.texts;
    this.isChecking = true;
    try {
      const { findings, digest } = await check(this.client, texts);
      if (!same(texts, this.texts)) return;
      this.findings = findings;
      this.#checked = texts;
      this.#digest = digest;
    } catch (error) {
      this.action.error = error;
    } finally {
      this.isChecking = false;
    }
  }

  save = () =>
    this.action.run(async () => {
      const texts = this.texts;
      await saveDraft(this.client, texts);
      this.#saved = texts;
      this.#savedAt = new Date().toISOString();
    });

  /** `replacesTests`: when the kept tests that are replaced too were saved last. */
  start = (pack: string, replacesTests: string | null) =>
    this.action.run(async () => {
      await startFromPack(this.client, pack, this.read.data?.draft?.saved_at ?? null, replacesTests);
      await this.load();
    });

  /** The draft on the desk is what the editor shows. */
  keepDraft = async () => {
    const texts = this.texts;
    if (this.isUnsaved || !this.read.data?.draft) await saveDraft(this.client, texts);
    this.#saved = texts;
  };

  publish = (message: string, reach: Reach) =>
    this.action.run(async () => {
      await this.keepDraft();
      await publish(this.client, message, reach);
      await this.load();
    });

  rollBack = (to: string, message: string, reach: Reach) =>
    this.action.run(async () => {
      await rollBack(this.client, to, message, reach);
      await this.load();
    });

  release = () =>
    this.action.run(async () => {
      await release(this.client);
      await this.read.load();
    });
}

const same = (one: Texts, other: Texts) => one.script === other.script && one.settings === other.settings;
