// What the nodes and edges of a state graph are called, in the reader's language.
import { m } from "$m";
import type { Graph, GraphEdge, GraphNode, GraphStep, Known, Traffic, Way } from "../api/graph";
import { labelWord, wordOf } from "../clients/book.svelte";

export type View = "ways" | "queues";
/** How an edge is drawn: by the script and gone, by the script alone, by people alone, from wherever it is. */
export type Look = "gone" | "idle" | "by_hand" | "anywhere";

export const nodeId = (node: GraphNode) => ("key" in node ? `${node.type}:${node.key}` : node.type);
export const edgeId = (edge: GraphEdge) => `${edge.kind} ${nodeId(edge.from)} ${nodeId(edge.to)}`;

export function nodeWord(graph: Graph, node: GraphNode): string {
  switch (node.type) {
    case "any_status": return m.graph_any_status();
    case "any_queue": return m.graph_any_queue();
    case "no_queue": return m.graph_no_queue();
    case "computed": return m.graph_computed();
    case "status": return wordOf(graph.statuses, node.key);
    default: return wordOf(graph.queues, node.key);
  }
}

/** What stands above the name: what kind of thing it is. */
export function nodeKind(graph: Graph, node: GraphNode): string {
  if (node.type === "department") return m.graph_kind_task();
  if (node.type === "queue") return m.graph_kind_queue();
  if (node.type !== "status") return "";
  const status = graph.statuses.find((one) => one.key === node.key);
  if (!status) return m.graph_kind_gone();
  return status.waits_for ? m.graph_kind_waits() : m.graph_kind_status();
}

export const total = (traffic: Traffic | null) => (traffic ? traffic.script + traffic.people + traffic.desk : 0);

export function lookOf(edge: GraphEdge): Look {
  if (edge.traffic === null) return "anywhere";
  if (edge.steps.length === 0) return "by_hand";
  return total(edge.traffic) > 0 ? "gone" : "idle";
}

export const lookWord = (look: Look): string =>
  ({ gone: m.graph_look_gone, idle: m.graph_look_idle, by_hand: m.graph_look_by_hand, anywhere: m.graph_look_anywhere })[look]();

export const isShown = (edge: GraphEdge, view: View) => (edge.kind === "queue") === (view === "queues");

/** Such as "approved" or "not approved". */
export function outcomeWords(graph: Graph, edge: Pick<GraphEdge, "from" | "outcomes">): string {
  if (edge.from.type !== "department" || edge.outcomes.known === "any") return "";
  return keysWord(edge.outcomes, (key) => outcomeWord(graph, "key" in edge.from ? edge.from.key : "", key));
}
function outcomeWord(graph: Graph, department: string, key: string): string {
  const outcome = graph.queues.find((one) => one.key === department)?.outcomes.find((one) => one.key === key);
  return labelWord(outcome?.label ?? {}, key);
}
function keysWord(known: Known, word: (key: string) => string): string {
  if (known.known === "any") return "";
  const words = known.keys.map(word).join(", ");
  return known.known === "only" ? words : m.graph_not({ keys: words });
}

export function edgeLabel(graph: Graph, edge: GraphEdge): string {
  const look = lookOf(edge);
  const number = look === "anywhere" ? "?" : total(edge.traffic).toLocaleString();
  const words = outcomeWords(graph, edge);
  const short = words.length > 22 ? `${words.slice(0, 21)}…` : words;
  return [short, look === "by_hand" ? m.graph_by_hand({ count: number }) : number].filter(Boolean).join(" · ");
}

export function edgeWord(graph: Graph, edge: GraphEdge): string {
  return `${nodeWord(graph, edge.from)} → ${nodeWord(graph, edge.to)}`;
}
export function trafficWord(edge: GraphEdge): string {
  if (!edge.traffic) return m.graph_not_counted();
  const { script, people, desk } = edge.traffic;
  if (edge.from.type === "department") return m.graph_answers({ count: total(edge.traffic) });
  return m.graph_traffic({ script, people, desk });
}

/** Under which condition the script comes to this place. */
export function stepWord(graph: Graph, step: GraphStep): string {
  const parts = [step.function && step.function !== step.handler ? `${step.handler} → ${step.function}` : step.handler];
  const department = keysWord(step.department, (key) => wordOf(graph.queues, key));
  const outcome = step.department.known === "only" && step.department.keys.length === 1
    ? keysWord(step.outcome, (key) => outcomeWord(graph, step.department.known === "only" ? (step.department.keys[0] ?? "") : "", key)) : "";
  if (department) parts.push(outcome ? `${department}: ${outcome}` : department);
  const names = step.kind === "queue" ? graph.queues : graph.statuses;
  const from = keysWord(step.from, (key) => wordOf(names, key));
  parts.push(from ? m.graph_from({ from }) : m.graph_from_unknown());
  if (step.is_other_ticket) parts.push(m.graph_other_ticket());
  return parts.join(" · ");
}

/** The lists of tickets behind the number of an edge. */
export function waysOf(edge: GraphEdge): Way[] {
  if (!edge.traffic || total(edge.traffic) === 0 || !("key" in edge.to)) return [];
  const { from } = edge;
  if (from.type === "department") return edge.answered.map((to) => ({ kind: "answer", from: from.key, to }));
  return [{ kind: edge.kind, from: "key" in from ? from.key : "", to: edge.to.key }];
}
