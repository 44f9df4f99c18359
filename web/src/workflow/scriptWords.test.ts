// The reference's words: found by parts, explained by what stands before them.
import { expect, test } from "vitest";
import type { FunctionEntry, ScriptApi } from "../api/scriptApi";
import { filtered, groupsOf, meanings } from "./scriptWords";

const example = { stands_in: "on_opened(ticket)", lines: "x", script: "fn on_opened(ticket) {\n    x\n}\n" };
const method = (name: string, params: string[] = []): FunctionEntry => ({
  name, doc: `What ${name} does.`, since: "0.1", returns: "()", example,
  params: params.map((one) => ({ name: one, doc: "", kind: "text", keys: null, is_needed: !one.startsWith("_"), options: [] })),
});
const property = (name: string) => ({ name, doc: `What ${name} is.`, since: "0.1", kind: "text", keys: null, can_be_set: false, example });
const api: ScriptApi = {
  handlers: [method("on_opened", ["ticket"])],
  functions: [method("now")],
  types: [
    { name: "Ticket", doc: "A ticket.", properties: [property("due")], methods: [method("cancel", ["reason"])], index: null },
    { name: "WorkOrder", doc: "A visit.", properties: [property("due")], methods: [method("cancel", ["reason"])], index: null },
    { name: "Fields", doc: "Fields.", properties: [], methods: [], index: { doc: "A field.", keys: "field", can_be_set: true, example } },
  ],
};
const groups = groupsOf(api);

test("words are written as scripts write them", () => {
  expect(groups.map((group) => group.words.map((word) => word.written).join(" "))).toEqual([
    "fn on_opened(ticket)", "now()", ".due .cancel(reason)", ".due .cancel(reason)", ".key",
  ]);
});

test("every part of a question must occur; a type's own name keeps it whole", () => {
  expect(filtered(groups, "").length).toBe(5);
  expect(filtered(groups, "cancel").map((group) => group.key)).toEqual(["Ticket", "WorkOrder"]);
  expect(filtered(groups, "workorder").flatMap((group) => group.words).length).toBe(2);
  expect(filtered(groups, "ticket.due").map((group) => group.key)).toEqual(["Ticket"]);
  expect(filtered(groups, "nothing at all")).toEqual([]);
});

test("a member is explained by its receiver first, a function never by a member", () => {
  expect(meanings(groups, "cancel", true, "order").map((word) => word.owner)).toEqual(["WorkOrder", "Ticket"]);
  expect(meanings(groups, "cancel", true, "work_order").map((word) => word.owner)).toEqual(["WorkOrder", "Ticket"]);
  expect(meanings(groups, "now", false, "").map((word) => word.written)).toEqual(["now()"]);
  expect(meanings(groups, "now", true, "ticket")).toEqual([]);
  expect(meanings(groups, "due", false, "")).toEqual([]);
});
