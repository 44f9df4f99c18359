// Wall clocks of zones: ordinary days, the days when clocks change, hours that are skipped or come twice.
import { expect, test } from "vitest";
import { DAY_MS, HOUR_MS, Zone, clock, dayOf, dayText, minutesOf, mondayOf, monthFrom, weekdayOf } from "./days";

const iso = (ms: number) => new Date(ms).toISOString();

test("a day begins where its zone says, also on the days when clocks change", () => {
  const berlin = new Zone("Europe/Berlin");
  const spring = dayOf("2026-03-29");
  expect(iso(berlin.begin(spring))).toBe("2026-03-28T23:00:00.000Z");
  expect(berlin.begin(spring + 1) - berlin.begin(spring)).toBe(23 * HOUR_MS);
  const autumn = dayOf("2026-10-25");
  expect(berlin.begin(autumn + 1) - berlin.begin(autumn)).toBe(25 * HOUR_MS);
  expect(iso(new Zone("Asia/Kathmandu").begin(spring))).toBe("2026-03-28T18:15:00.000Z");
  const almaty = new Zone("Asia/Almaty");
  expect(almaty.begin(dayOf("2024-03-02")) - almaty.begin(dayOf("2024-03-01"))).toBe(DAY_MS);
});

test("an hour that comes twice means its first coming, a skipped one as far behind its start", () => {
  const berlin = new Zone("Europe/Berlin");
  expect(iso(berlin.moment(dayOf("2026-10-25"), 150))).toBe("2026-10-25T00:30:00.000Z");
  expect(iso(berlin.moment(dayOf("2026-03-29"), 150))).toBe("2026-03-29T01:30:00.000Z");
  const newYork = new Zone("America/New_York");
  expect(iso(newYork.moment(dayOf("2026-11-01"), 90))).toBe("2026-11-01T05:30:00.000Z");
});

test("moment and wall are each other's inverse through a year", () => {
  for (const name of ["Europe/Moscow", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Almaty"]) {
    const zone = new Zone(name);
    for (let day = dayOf("2026-01-01"); day < dayOf("2027-01-01"); day += 1) {
      const wall = zone.wall(zone.moment(day, 8 * 60));
      expect([name, dayText(wall.day), wall.minutes]).toEqual([name, dayText(day), 480]);
    }
  }
});

test("weeks begin on Monday and months on their first", () => {
  expect(weekdayOf(dayOf("2026-11-30"))).toBe(0);
  expect(dayText(mondayOf(dayOf("2026-12-06")))).toBe("2026-11-30");
  expect(dayText(monthFrom(dayOf("2026-12-31"), 2))).toBe("2027-02-01");
  expect(dayText(monthFrom(dayOf("2028-03-15"), -1))).toBe("2028-02-01");
  expect(monthFrom(dayOf("2028-02-10"), 1) - monthFrom(dayOf("2028-02-10"))).toBe(29);
});

test("hours are read and written as people write them", () => {
  expect(["8", "08:05", "0805", "24:00", "24:01", "7:61", "x"].map(minutesOf)).toEqual([480, 485, 485, 1440, null, null, null]);
  expect([clock(480, "short"), clock(485, "short"), clock(480)]).toEqual(["8", "8:05", "08:00"]);
});
