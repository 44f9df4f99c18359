// Documents read flat: nothing lost, nothing empty shown.
import { describe, expect, it } from "vitest";
import { factOf } from "./facts";
import { flat } from "./flat";

describe("flat", () => {
  it("names nested values by their path and leaves nothings out", () => {
    expect(flat({ a: 1, b: { c: "x", d: null }, e: [], f: ["p", "q"] })).toEqual([["a", "1"], ["b.c", "x"], ["f", "p, q"]]);
  });
});

describe("factOf", () => {
  it("reads a pair and an object of question and answer alike", () => {
    const key = { ask: "site", of: "7" };
    const fact = { is: "site", value: { name: "Almaty", city: "Алматы" } };
    expect(factOf([key, fact])).toEqual(factOf({ key, fact }));
    expect(factOf([key, fact])).toMatchObject({ name: "site", summary: "Almaty" });
  });
});
