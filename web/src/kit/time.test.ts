// Times: relative under a day, exact beyond, right in every zone.
import { describe, expect, it } from "vitest";
import { duration, exact, momentOf, relative, toLocalInput, wallClock } from "./time";

const NOW = Date.parse("2026-03-12T10:00:00Z");
const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();

describe("relative", () => {
  it.each([
    [-5, "en", "5 min. ago"], [-5, "ru", "5 мин. назад"], [-119, "en", "1 hr. ago"], [150, "en", "in 2 hr."], [0, "en", "now"],
  ])("%i minutes in %s", (minutes, locale, words) => expect(relative(at(minutes), NOW, locale)).toBe(words));
  it("is the moment itself from a day on", () => {
    expect(relative(at(-24 * 60), NOW, "en-GB", "Asia/Almaty")).toBe("11 Mar, 15:00");
  });
  it("names another year", () => expect(relative("2024-03-11T10:00:00Z", NOW, "en-GB", "UTC")).toContain("2024"));
});
describe("exact", () => it("names the zone", () => {
  expect(exact("2026-03-12T10:00:00Z", "en-GB", "Asia/Yerevan")).toBe("12 March 2026 at 14:00:00 GMT+4");
}));
describe("wallClock", () => it("is the site's", () => expect(wallClock(NOW, "ru", "Asia/Almaty")).toBe("15:00")));
describe("duration", () => {
  it.each([
    [0, "0 min"], [61_000, "1 min"], [-135 * 60_000, "2 hr 15 min"], [26 * 3_600_000, "1 day 2 hr"], [24 * 3_600_000 + 60_000, "1 day"],
  ])("%i ms", (ms, words) => expect(duration(ms, "en")).toBe(words));
});
describe("a local input", () => it("comes back as the same minute", () => {
  expect(momentOf(toLocalInput(at(0)))).toBe(at(0));
}));
