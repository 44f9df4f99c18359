// The script tests of a client's draft: their texts, and what the last run of them found.
import { Action, Resource } from "../api/resource.svelte";
import { type TestReport, type TestTexts, readTests, runTests, saveTests } from "../api/scriptTests";
import type { Texts } from "../api/workflow";
import type { Tested } from "../backtest/steps";

const NEW_FILE = "tests/first.rhai";
const NEW_TEST = `fn test_it() {
    let ticket = open(#{ subject: "a request" });
    assert_eq(ticket.is_closed, false);
}
`;

export class DraftTests {
  readonly read: Resource<{ tests: TestTexts; saved_at: string | null }>;
  readonly saving = new Action();
  readonly running = new Action();
  texts = $state<TestTexts>({});
  report = $state.raw<TestReport | null>(null);
  /** What the report is about: its marks are shown beside no other script. */
  #reported = $state.raw<(Texts & { tests: TestTexts }) | null>(null);
  #saved = $state.raw<TestTexts>({});

  constructor(readonly client: string) {
    this.read = new Resource(() => readTests(client));
  }

  get files() {
    return Object.keys(this.texts).toSorted();
  }
  get isUnsaved() {
    return !same(this.texts, this.#saved);
  }

  async load() {
    await this.read.load();
    this.#saved = { ...this.read.data?.tests };
    this.texts = { ...this.#saved };
  }

  /** Adds a file under a name that is free; answers it. */
  add(): string {
    let file = NEW_FILE;
    for (let number = 2; file in this.texts; number += 1) file = NEW_FILE.replace(".rhai", `-${number}.rhai`);
    this.texts[file] = NEW_TEST;
    return file;
  }

  rename(from: string, to: string) {
    if (from === to || to in this.texts) return;
    const { [from]: text = "", ...others } = this.texts;
    this.texts = { ...others, [to]: text };
  }

  remove(file: string) {
    const { [file]: _, ...others } = this.texts;
    this.texts = others;
  }

  save = () =>
    this.saving.run(async () => {
      const texts = { ...this.texts };
      await saveTests(this.client, texts);
      this.#saved = texts;
    });

  run = (draft: Texts) =>
    this.running.run(async () => {
      const ran = { ...draft, tests: { ...this.texts } };
      this.report = await runTests(this.client, draft, ran.tests);
      this.#reported = ran;
    });

  /** Coverage of the script as it is written now; nothing once it was changed. */
  coverageOf(script: string) {
    if (this.#reported?.script !== script) return null;
    return this.report?.coverage ?? null;
  }

  /** What the last run says of these texts and of the tests as they are written now; `null` where none ran or could. */
  foundOf(texts: Texts): Tested | null {
    const [report, ran] = [this.report, this.#reported];
    if (!report?.tests.length || !ran) return null;
    const isOfThese = ran.script === texts.script && ran.settings === texts.settings && same(ran.tests, this.texts);
    const passed = report.tests.filter((one) => one.outcome === "passed").length;
    return { isOfThese, passed, failed: report.tests.length - passed + report.problems.length };
  }
}

const same = (one: TestTexts, other: TestTexts) =>
  Object.keys(one).length === Object.keys(other).length && Object.entries(one).every(([file, text]) => other[file] === text);
