// The steps of a draft, each with what is known about this very draft.
import { m } from "$m";
import type { BacktestPage } from "../api/backtest";
import type { Tone } from "../kit/tone";

export interface Tested {
  /** Whether the tests ran against the texts as they stand. */
  isOfThese: boolean;
  passed: number;
  failed: number;
}
export interface Known {
  digest: string | null;
  isSaved: boolean;
  isPublished: boolean;
  errors: number;
  published: string | null;
  last: BacktestPage | null | undefined;
  tested?: Tested | null;
}
export interface Step {
  key: "draft" | "checked" | "tested" | "backtested" | "published";
  label: string;
  tone: Tone;
}

export function stepsOf(known: Known): Step[] {
  const { isSaved, isPublished, tested } = known;
  const steps: Step[] = [
    { key: "draft", label: isSaved ? m.steps_saved() : m.steps_unsaved(), tone: isSaved ? "on-time" : "active" },
    checked(known),
  ];
  if (tested !== undefined) steps.push(testedStep(tested));
  steps.push(backtested(known), { key: "published", label: isPublished ? m.steps_published() : m.steps_unpublished(), tone: isPublished ? "on-time" : "neutral" });
  return steps;
}

function checked({ digest, errors }: Known): Step {
  if (digest === null) return { key: "checked", label: m.steps_unchecked(), tone: "neutral" };
  return errors ? { key: "checked", label: m.steps_errors({ count: errors }), tone: "overdue" } : { key: "checked", label: m.steps_checked(), tone: "on-time" };
}

function testedStep(tested: Tested | null): Step {
  if (!tested?.isOfThese) return { key: "tested", label: m.steps_untested(), tone: "neutral" };
  if (tested.failed) return { key: "tested", label: m.steps_tests_fail({ count: tested.failed }), tone: "overdue" };
  return { key: "tested", label: m.steps_tested({ count: tested.passed }), tone: "on-time" };
}

/** Only a run of these texts against the version that is published now says anything. */
function backtested({ digest, published, last }: Known): Step {
  const step = (label: string, tone: Tone): Step => ({ key: "backtested", label, tone });
  if (!last || !digest || last.tried.digest !== digest || last.tried.published !== published) return step(m.steps_not_backtested(), "neutral");
  if (last.state === "running") return step(m.steps_backtest_runs(), "active");
  if (!last.report) return step(m.steps_backtest_ended(), "neutral");
  const { report } = last;
  if (report.draft.script_errors) return step(m.steps_backtest_errors({ count: report.draft.script_errors }), "overdue");
  return step(m.steps_backtested({ count: report.totals.tickets }), "on-time");
}
