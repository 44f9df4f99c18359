// A pasted table is read as the server reads it, so that its words about a line stand at the right row.
import { expect, test } from "vitest";
import { byLine, readTable } from "./table";

test("quoted cells, semicolons, empty lines and lines that a cell spans", () => {
  const table = readTable('\uFEFFlogin;from;note\r\nivan;2026-12-01 08:00;"a;b ""c""\nd"\r\n\r\nolga;x;');
  expect(table.head).toEqual(["login", "from", "note"]);
  expect(table.rows.map((row) => [row.line, row.cells])).toEqual([
    [2, ["ivan", "2026-12-01 08:00", 'a;b "c"\nd']], [5, ["olga", "x", ""]],
  ]);
});

test("the server's words by line", () => {
  const found = byLine([{ at: "line 5", code: "invalid", message: "`x` is not a time" }, { at: "csv", code: "invalid", message: "?" }]);
  expect([...found]).toEqual([[5, "`x` is not a time"]]);
});
