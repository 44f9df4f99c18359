// Lengths and stretches of time read the same to everybody: no zero, no second day where there is one.
import { describe, expect, it } from "vitest";
import type { Piece } from "../api/ledger";
import { criteriaWord, lengthWord, rangeWord } from "./words";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const piece = (from: string, to: string): Piece => ({
  from, to, kind: "working", status: "new", queue: null, partner: null, person: null, person_name: null, opened_by: "1",
  begins_with: "event", span: Date.parse(to) - Date.parse(from), minutes: 0,
});

describe("the ledger's words", () => {
  it("tell a length under a minute in seconds", () => {
    expect([1, 400, 59_000, 60_000, 5_400_000].map(lengthWord)).toEqual(["1 sec", "1 sec", "59 sec", "1 min", "1 hr 30 min"]);
  });
  it("name the day once when both ends are on it in that zone", () => {
    const late = piece("2026-11-24T18:00:00Z", "2026-11-24T21:30:00Z");
    expect(rangeWord(late, NOW, "UTC")).toBe("Nov 24, 18:00 – 21:30");
    expect(rangeWord(late, NOW, "Asia/Almaty")).toBe("Nov 24, 23:00 – Nov 25, 02:30");
  });
  it("tell what a row of targets names", () => {
    expect(criteriaWord("priority 2, sub-client bank_a, country KZ", "1")).toBe("priority 2, sub-client “bank_a”, country KZ");
    expect(criteriaWord("category paper_roll, site 42", "1")).toBe("category “paper roll”, this site");
    expect(criteriaWord("every ticket", "1")).toBe("every ticket");
  });
});
