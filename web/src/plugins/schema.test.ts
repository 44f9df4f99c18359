// The form from a schema: what a person fills in becomes the document that the schema describes, and back.
import { describe, expect, it } from "vitest";
import type { Schema } from "../api/plugins";
import { Unfit, bounds, controlOf, formOf, hostOf, settingsOf } from "./schema";

const SCHEMA: Schema = {
  type: "object",
  required: ["base_url", "is_strict"],
  properties: {
    base_url: { type: "string", maxLength: 200 },
    note: { type: "string", maxLength: 4000 },
    retries: { type: "integer", minimum: 1, maximum: 9 },
    share: { type: "number" },
    is_strict: { type: "boolean" },
    is_quiet: { type: "boolean" },
    level: { enum: ["low", "high", 3] },
    queues: { type: "array", items: { type: "string" } },
    stores: { type: "object", additionalProperties: { type: "string" } },
    deep: { type: "object", properties: { a: { type: "string" } } },
  },
};
const controls = Object.fromEntries(Object.entries(SCHEMA.properties!).map(([name, one]) => [name, controlOf(one)]));

describe("the form from a schema", () => {
  it("gives each kind its control", () => {
    expect(controls).toEqual({
      base_url: "line", note: "text", retries: "number", share: "number", is_strict: "flag", is_quiet: "flag", level: "choice",
      queues: "list", stores: "map", deep: "json",
    });
  });
  it("hands over what it was given", () => {
    const document = {
      base_url: "https://a.example", retries: 3, share: 0.5, is_strict: false, level: 3, queues: ["one", "two"],
      stores: { EVN: "17", MSK: "4" }, deep: { a: "x" },
    };
    expect(settingsOf(SCHEMA, formOf(SCHEMA, document))).toEqual(document);
  });
  it("leaves out what is empty, and keeps a flag that is asked for", () => {
    expect(settingsOf(SCHEMA, formOf(SCHEMA, undefined))).toEqual({ is_strict: false });
    const form = { ...formOf(SCHEMA, undefined), queues: " one \n\n two ", stores: [["EVN", "17"], ["", ""]] as [string, string][], share: "0,5" };
    expect(settingsOf(SCHEMA, form)).toEqual({ is_strict: false, queues: ["one", "two"], stores: { EVN: "17" }, share: 0.5 });
  });
  it("says which setting it cannot read", () => {
    const tell = (name: string, value: string) => {
      try {
        settingsOf(SCHEMA, { ...formOf(SCHEMA, undefined), [name]: value });
      } catch (error) {
        return error instanceof Unfit ? error.setting : "";
      }
      return "nothing";
    };
    expect([tell("retries", "many"), tell("deep", "{"), tell("note", "{")]).toEqual(["retries", "deep", "nothing"]);
  });
  it("knows a host by its address", () => {
    expect(["https://sm.bank.am/api", "http://10.0.0.7:8080", "http://a.b", "sm.bank.am", ""].map(hostOf)).toEqual([
      "sm.bank.am:443", "10.0.0.7:8080", "a.b:80", "", "",
    ]);
  });
  it("says its bounds", () => {
    expect(bounds({ minimum: 1, maximum: 9 })).toBe("1 to 9");
    expect(bounds({})).toBe("");
  });
});
