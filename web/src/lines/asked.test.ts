// What a hand-over asks for follows from the pack as the server says it.
import { describe, expect, it } from "vitest";
import type { Pack } from "../api/clients";
import { ApiFailure } from "../api/failure";
import { changesOf, formFor, gateFor, lacks, withMissing } from "./asked";

const queue = (key: string, level: number) => ({ key, level, label: {}, kind: "line", partner: null, is_default: false, outcomes: [] });
const pack = {
  queues: [queue("line_1", 1), queue("line_2", 2)],
  categories: [{ key: "other", label: {}, is_default: true }, { key: "network", label: {}, is_default: false }],
  fields: [{ key: "code", label: {}, kind: "text", choices: [] }],
  hand_over_forms: [
    { to: ["line_2"], categories: ["network"], requires: ["code"], wishes: ["asset"], hints: { code: { en: "on the screen" } } },
    { to: [], categories: [], requires: ["contact"], wishes: [], hints: {} },
  ],
  classification: { gate: "resolve", requires: ["contact"] },
} as unknown as Pack;
const known = { category: "other", contact: null, site: null, asset: "1", fields: {} };

describe("what is asked for", () => {
  it("forms that take one hand-over add up, required first", () => {
    const asked = formFor(pack, "line_1", "line_2", "network");
    expect(asked.map((one) => [one.key, one.isRequired])).toEqual([["code", true], ["contact", true], ["asset", false]]);
    expect(asked[0]?.hint).toEqual({ en: "on the screen" });
    expect(formFor(pack, "line_1", "line_2", "other").map((one) => one.key)).toEqual(["contact"]);
  });
  it("sending back asks for nothing", () => expect(formFor(pack, "line_2", "line_1", "network")).toEqual([]));
  it("a gate asks at its step and later", () => {
    expect(gateFor(pack, "resolve").map((one) => one.key)).toEqual(["category", "contact"]);
    expect(gateFor({ ...pack, classification: { gate: "close", requires: [] } }, "resolve")).toEqual([]);
    expect(gateFor({ ...pack, classification: { gate: "none", requires: [] } }, "close")).toEqual([]);
  });
  it("the default category is no answer", () => {
    expect(lacks(pack, "category", known)).toBe(true);
    expect(lacks(pack, "category", { ...known, category: "network" })).toBe(false);
    expect(lacks(pack, "asset", known)).toBe(false);
  });
  it("what the server misses is asked for too", () => {
    const failure = new ApiFailure(422, "information_missing", "", "asset", null, [], [{ key: "asset", label: {}, hint: null }]);
    expect(withMissing([{ key: "asset", isRequired: false }], failure)).toEqual([{ key: "asset", hint: null, isRequired: true }]);
  });
  it("fields and the rest go their own ways", () => {
    expect(changesOf(pack, { code: "E-17", contact: "5" })).toEqual({ contact: "5", fields: { code: "E-17" } });
    expect(changesOf(pack, {})).toBeUndefined();
  });
});
