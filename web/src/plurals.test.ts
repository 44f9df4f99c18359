// Russian and English counts read as people say them.
import { describe, expect, it } from "vitest";
import { m } from "$m";

describe("counted words", () => {
  it.each([
    [1, "1 заявка"], [2, "2 заявки"], [5, "5 заявок"], [11, "11 заявок"], [21, "21 заявка"], [112, "112 заявок"], [0, "0 заявок"],
  ])("ru %i", (count, words) => expect(m.inbox_count({ count }, { locale: "ru" })).toBe(words));
  it.each([[1, "1 ticket"], [2, "2 tickets"], [0, "0 tickets"]])("en %i", (count, words) =>
    expect(m.inbox_count({ count }, { locale: "en" })).toBe(words));
});
