// A common change offers only what every client of the picked tickets knows.
import { expect, test } from "vitest";
import { sharedBy } from "./bulk";

const LISTS: Record<string, string[]> = { bank: ["new", "in_work", "awaiting_approval"], desk: ["new", "in_work"], other: ["opened"] };
const of = (client: string) => LISTS[client]!.map((value) => ({ value, label: `${client} ${value}` }));

test.each([
  [["bank", "bank"], ["new", "in_work", "awaiting_approval"]], [["bank", "desk"], ["new", "in_work"]],
  [["bank", "desk", "other"], []], [[], []],
])("%s share %s", (clients, shared) => {
  expect(sharedBy(clients, of).map((one) => one.value)).toEqual(shared);
});
