// Differences are said in words: where both ways went, and what came to nothing how often.
import { expect, test } from "vitest";
import type { BacktestTicket, Fate, Lost } from "../api/backtest";
import { changesOf, grouped } from "./words";

const fate = (own: Partial<Fate> = {}): Fate => ({
  queue: null, assignee: null, status: "new", category: null, priority: 3, resolution: null, queues: [], assignees: [], missed: [],
  tasks: {}, orders: {}, messages: 0, calls: 0, held: 0, script_errors: 0, ...own,
});
const row = (kinds: BacktestTicket["kinds"], published: Fate | null, draft: Fate | null): BacktestTicket => ({
  ticket: "1", kinds, published, draft, called: null, people: { 7: "Anna Petrova" },
});

test("a way is named queue by queue, else hand by hand", () => {
  const queues = row(["route"], fate({ queues: ["support", "line_2"] }), fate({ queues: ["support", "commercial"] }));
  expect(changesOf(queues, "c")[0]).toMatchObject({ published: "support → line 2", draft: "support → commercial" });
  const hands = row(["route"], fate({ assignees: ["7"] }), fate());
  expect(changesOf(hands, "c")[0]).toMatchObject({ published: "Anna Petrova", draft: "none" });
});
test("tasks and visits are counted, messages and calls are added up", () => {
  const changes = changesOf(row(["tasks", "dispatches", "messages"], fate({ tasks: { hr: 2 }, orders: { 7: 1 }, messages: 1, calls: 2 }), fate()), "c");
  expect(changes.map((one) => [one.published, one.draft])).toEqual([["hr × 2", "none"], ["Anna Petrova", "none"], ["3", "0"]]);
  const held = changesOf(row(["messages"], fate({ messages: 1 }), fate({ messages: 1, held: 4 })), "c");
  expect([held[0]!.published, held[0]!.draft]).toEqual(["1", "1, held: 4"]);
});
test("a ticket of one run only says which", () => {
  expect(changesOf(row(["presence"], null, fate()), "c")).toMatchObject([{ published: "not opened", draft: "opened" }]);
});
test("lost commands are grouped by their reason, the most frequent first", () => {
  const lost = (command: string, why: Lost["why"], said: string | null = null): Lost => ({ at: "", ticket: null, command, why, said });
  const groups = grouped([lost("finish_task", "no_counterpart"), lost("call_plugin", "unanswered"), lost("finish_task", "no_counterpart"), lost("finish_task", "refused", "it is over")]);
  expect(groups.map((one) => [one.command, one.count])).toEqual([["finish task", 2], ["call plugin", 1], ["finish task", 1]]);
  expect(groups[2]!.why).toBe("it is over");
});
