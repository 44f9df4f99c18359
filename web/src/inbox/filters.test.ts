// The inbox's address says the whole list, and nothing else.
import { describe, expect, it } from "vitest";
import { filtersOf, queryOf, usualViews, viewOf } from "./filters";

describe("filters in the address", () => {
  it("an empty address shows what is not closed", () => {
    expect(filtersOf(new URLSearchParams())).toEqual({ phase: "active" });
  });
  it("what was written is read back", () => {
    for (const view of usualViews()) {
      expect(filtersOf(new URLSearchParams(queryOf(view.filters)))).toEqual(view.filters);
    }
  });
  it("unknown parameters are left out", () => {
    expect(filtersOf(new URLSearchParams("phase=all&colour=red"))).toEqual({ phase: "all" });
  });
  it("a search inside a view stays in that view", () => {
    const views = usualViews();
    expect(viewOf({ phase: "active", assignee: "me", q: "ключ" }, views)?.key).toBe("mine");
    expect(viewOf({ phase: "active", priority: "1" }, views)).toBeUndefined();
  });
});
