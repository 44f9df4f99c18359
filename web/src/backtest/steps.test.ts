// Only what was done with this very draft counts.
import { expect, test } from "vitest";
import type { BacktestPage } from "../api/backtest";
import { type Known, stepsOf } from "./steps";

const last = (own: object = {}) =>
  ({
    state: "done", tried: { digest: "d", published: "7" }, report: { totals: { tickets: 3 }, draft: { script_errors: 0 } }, ...own,
  }) as unknown as BacktestPage;
const known = (own: Partial<Known> = {}): Known => ({
  digest: "d", isSaved: true, isPublished: false, errors: 0, published: "7", last: last(), ...own,
});
const tone = (own: Partial<Known>, key: string) => stepsOf(known(own)).find((step) => step.key === key)?.tone;

test("a back-test counts for these texts and this published version alone", () => {
  expect(tone({}, "backtested")).toBe("on-time");
  expect(tone({ digest: "other" }, "backtested")).toBe("neutral");
  expect(tone({ published: "8" }, "backtested")).toBe("neutral");
  expect(tone({ digest: null }, "backtested")).toBe("neutral");
  expect(tone({ last: null }, "backtested")).toBe("neutral");
});
test("script errors, a run under way and one without a result are told apart", () => {
  expect(tone({ last: last({ report: { totals: { tickets: 3 }, draft: { script_errors: 2 } } }) }, "backtested")).toBe("overdue");
  expect(tone({ last: last({ state: "running", report: null }) }, "backtested")).toBe("active");
  expect(tone({ last: last({ state: "cancelled", report: null }) }, "backtested")).toBe("neutral");
});
test("errors and unchecked texts are no success", () => {
  expect(tone({ errors: 2 }, "checked")).toBe("overdue");
  expect(tone({ digest: null }, "checked")).toBe("neutral");
});
test("tests stand among the steps where they can be run", () => {
  expect(stepsOf(known()).map((step) => step.key)).toEqual(["draft", "checked", "backtested", "published"]);
  expect(tone({ tested: null }, "tested")).toBe("neutral");
  expect(tone({ tested: { isOfThese: false, passed: 3, failed: 0 } }, "tested")).toBe("neutral");
  expect(tone({ tested: { isOfThese: true, passed: 2, failed: 1 } }, "tested")).toBe("overdue");
});
