// The drawing of a state graph: the same for the same graph, nothing on top of another, and each edge in its look.
import { describe, expect, it } from "vitest";
import type { Graph, GraphEdge } from "../api/graph";
import { brokenUp, layout } from "./layout";
import { edgeLabel, lookOf, waysOf } from "./words";

const status = (key: string) => ({ type: "status" as const, key });
const step = { kind: "status" as const, how: "status", target: "in_work", from: { known: "any" as const }, department: { known: "any" as const }, outcome: { known: "any" as const }, handler: "on_opened", function: "on_opened", module: null, line: 3, column: 5, is_other_ticket: false };
const edge = (part: Partial<GraphEdge>): GraphEdge => ({
  from: status("new"), to: status("in_work"), kind: "status", outcomes: { known: "any" }, answered: [], steps: [step], is_certain: true, traffic: { script: 0, people: 0, desk: 0 }, ...part,
});
const graph: Graph = {
  of: "draft", since: "2026-01-01T00:00:00Z", is_whole: true,
  statuses: ["new", "in_work", "closed"].map((key) => ({ key, label: { en: key, ru: key }, phase: "open", waits_for: null })),
  queues: [{ key: "commercial", label: { en: "Commercial", ru: "Коммерческий" }, kind: "department", outcomes: [{ key: "approved", label: { en: "Approved", ru: "Согласовано" } }] }],
  edges: [
    edge({ traffic: { script: 1200, people: 3, desk: 0 } }),
    edge({ to: status("closed"), steps: [], traffic: { script: 0, people: 4, desk: 1 } }),
    edge({ from: { type: "any_status" }, to: status("closed"), traffic: null, is_certain: false }),
    edge({ kind: "task", from: status("new"), to: { type: "department", key: "commercial" } }),
    edge({ from: { type: "department", key: "commercial" }, outcomes: { known: "only", keys: ["approved"] }, answered: ["approved"], traffic: { script: 0, people: 2, desk: 0 } }),
    edge({ kind: "queue", from: { type: "any_queue" }, to: { type: "queue", key: "commercial" } }),
  ],
};

describe("the state graph", () => {
  it("stands the same each time, and no node on another", () => {
    const [one, other] = [layout(graph, "ways"), layout(graph, "ways")];
    expect(one).toEqual(other);
    for (const [index, here] of one.nodes.entries()) {
      for (const there of one.nodes.slice(index + 1)) {
        const apart = Math.abs(here.x - there.x) >= (here.width + there.width) / 2 || Math.abs(here.y - there.y) >= (here.height + there.height) / 2;
        expect(apart, `${here.id} and ${there.id}`).toBe(true);
      }
    }
  });

  it("says how each edge is known", () => {
    expect(graph.edges.map(lookOf)).toEqual(["gone", "by_hand", "anywhere", "idle", "gone", "idle"]);
    expect(edgeLabel(graph, graph.edges[4]!)).toContain("2");
    const drawn = layout(graph, "ways");
    const widths = drawn.edges.map((one) => one.strength);
    expect(Math.max(...widths)).toBe(widths[0]);
  });

  it("keeps queues in a view of their own, and only what was gone when asked", () => {
    expect(layout(graph, "queues").edges).toHaveLength(1);
    expect(layout(graph, "ways").edges).toHaveLength(5);
    expect(layout(graph, "ways", true).edges).toHaveLength(3);
  });

  it("opens the tickets behind a number, and none where nothing was counted", () => {
    expect(waysOf(graph.edges[0]!)).toEqual([{ kind: "status", from: "new", to: "in_work" }]);
    expect(waysOf(graph.edges[4]!)).toEqual([{ kind: "answer", from: "commercial", to: "approved" }]);
    expect(waysOf(graph.edges[2]!)).toEqual([]);
  });

  it("breaks long words at the space nearest to the middle", () => {
    expect(brokenUp("Ждёт ответа пользователя долго")).toEqual(["Ждёт ответа", "пользователя долго"]);
    expect(brokenUp("New")).toEqual(["New"]);
  });
});
