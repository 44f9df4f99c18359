// The same steps meet although each run numbers its own; where they part is found.
import { expect, test } from "vitest";
import type { TimelineEvent } from "../api/tickets";
import { pairUp } from "./sides";

const step = (type: string, body: Record<string, unknown>, texts: Record<string, string> = {}) =>
  ({
    id: `${Math.random()}`, seq: 1, type, body: { type, ...body }, texts, people: {}, names: {}, tickets: {}, actor: { kind: "script" },
    occurred_at: "2026-11-01T10:00:00Z", recorded_at: "2026-11-01T10:00:00Z", run: `${Math.random()}`, attachments: [],
  }) as unknown as TimelineEvent;

test("texts are compared by their words and ids of the runs not at all", () => {
  const was = [step("ticket_opened", { subject: "1" }, { 1: "printer" }), step("task_opened", { task: "7", department: "a" })];
  const is = [step("ticket_opened", { subject: "2" }, { 2: "printer" }), step("task_opened", { task: "9", department: "a" })];
  expect(pairUp(was, is).map((pair) => pair.isSame)).toEqual([true, true]);
});
test("the first step that differs stands beside its counterpart", () => {
  const [opened, closed] = [step("ticket_opened", {}), step("ticket_closed", {})];
  const was = [opened, step("ticket_queued", { to: "line_2" }), closed];
  const is = [opened, step("ticket_queued", { to: "commercial" }), step("person_notified", {}), closed];
  const pairs = pairUp(was, is);
  expect(pairs.map((pair) => pair.isSame)).toEqual([true, false, false, true]);
  expect([pairs[1]!.published!.body.to, pairs[1]!.draft!.body.to]).toEqual(["line_2", "commercial"]);
  expect([pairs[2]!.published, pairs[2]!.draft!.type]).toEqual([null, "person_notified"]);
});
test("a ticket of one run only stands on its side", () => {
  expect(pairUp([], [step("ticket_opened", {})])).toMatchObject([{ published: null, isSame: false }]);
});
test("a field that one run opened the ticket with, or set, in another way makes a difference", () => {
  const opened = (id: string, word: string) => step("ticket_opened", { fields: { location: { kind: "text", value: id } } }, { [id]: word });
  expect(pairUp([opened("1", "Hall")], [opened("2", "Hall")])[0]!.isSame).toBe(true);
  expect(pairUp([opened("1", "Hall")], [opened("2", "Roof")])[0]!.isSame).toBe(false);
  const set = (kind: string, value: unknown) => step("field_changed", { field: "size", to: { kind, value } });
  expect(pairUp([set("choice", "small")], [set("choice", "large")])[0]!.isSame).toBe(false);
  expect(pairUp([set("number", 7)], [set("number", 7)])[0]!.isSame).toBe(true);
});
test("a text that was erased in both runs is the same", () => {
  const erased = (id: string) => ({ ...step("subject_changed", { to: id }), texts: { [id]: null } }) as unknown as TimelineEvent;
  expect(pairUp([erased("1")], [erased("2")])[0]!.isSame).toBe(true);
});
