// Addresses and their parameters.
import { describe, expect, it } from "vitest";
import { match, to } from "./router.svelte";

describe("match", () => {
  it.each([
    ["/clients", "/clients", {}], ["/clients/:id", "/clients/7", { id: "7" }], ["/tickets/:number", "/tickets/БАНК-1", { number: "БАНК-1" }],
    ["/tickets/:number", "/tickets/%D0%91-1", { number: "Б-1" }], ["/clients", "/clients/", {}], ["/clients/:id", "/clients", null],
    ["/clients", "/clients/7", null], ["/sites/:id", "/assets/7", null], ["/", "/", {}], ["/inbox", "/", null],
  ])("%s against %s", (pattern, path, params) => expect(match(pattern, path)).toEqual(params));
});
describe("to", () => it("stays relative to the page's base", () => {
  expect(to("/clients/7?tab=a")).toBe("clients/7?tab=a");
  expect(to("/")).toBe("./");
}));
