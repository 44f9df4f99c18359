// Where the nodes and edges of a state graph stand: in layers, the same for the same graph.
import dagre from "@dagrejs/dagre";
import type { Graph, GraphEdge, GraphNode } from "../api/graph";
import { type Look, type View, edgeId, edgeLabel, isShown, lookOf, nodeId, nodeKind, nodeWord, total } from "./words";

const NODE_HEIGHT = 44;
const LABEL_HEIGHT = 18;
/** Of a letter, about: what is longer is broken into two lines. */
const LETTER_WIDTH = 7.2;
const LINE_LETTERS = 20;
const EDGE_WIDTH_MAX = 7;

export interface Placed {
  id: string;
  node: GraphNode;
  lines: string[];
  kind: string;
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface Drawn {
  id: string;
  edge: GraphEdge;
  look: Look;
  path: string;
  label: string;
  x: number;
  y: number;
  labelWidth: number;
  /** By how often it was gone, of the busiest. */
  strength: number;
}
export interface Layout {
  nodes: Placed[];
  edges: Drawn[];
  width: number;
  height: number;
}

export function layout(graph: Graph, view: View, onlyGone = false): Layout {
  const edges = graph.edges.filter((edge) => isShown(edge, view) && !(onlyGone && total(edge.traffic) === 0));
  const plan = new dagre.graphlib.Graph({ multigraph: true });
  plan.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 34, edgesep: 14, marginx: 12, marginy: 12 });
  const nodes = new Map<string, Placed>();
  for (const node of inOrder(graph, edges, view)) {
    const lines = brokenUp(nodeWord(graph, node));
    const kind = nodeKind(graph, node);
    const longest = Math.max(...lines.map((line) => line.length), kind.length * 0.85);
    const height = NODE_HEIGHT + (lines.length - 1) * 16;
    const placed = { id: nodeId(node), node, lines, kind, x: 0, y: 0, width: Math.round(longest * LETTER_WIDTH) + 28, height };
    nodes.set(placed.id, placed);
    plan.setNode(placed.id, { width: placed.width, height });
  }
  for (const edge of edges) {
    if (nodeId(edge.from) === nodeId(edge.to)) continue;
    const label = edgeLabel(graph, edge);
    plan.setEdge(nodeId(edge.from), nodeId(edge.to), { width: labelWidth(label), height: LABEL_HEIGHT, labelpos: "c" }, edgeId(edge));
  }
  dagre.layout(plan);
  for (const [id, placed] of nodes) Object.assign(placed, { x: plan.node(id).x, y: plan.node(id).y });
  const busiest = Math.max(1, ...edges.map((edge) => total(edge.traffic)));
  const drawn = edges.map((edge) => {
    const label = edgeLabel(graph, edge);
    const own = nodes.get(nodeId(edge.from));
    const strength = 1.25 + (EDGE_WIDTH_MAX - 1.25) * Math.sqrt(total(edge.traffic) / busiest);
    const said = { id: edgeId(edge), edge, look: lookOf(edge), label, labelWidth: labelWidth(label), strength };
    if (own && own.id === nodeId(edge.to)) return { ...said, ...around(own) };
    const line = plan.edge(nodeId(edge.from), nodeId(edge.to), edgeId(edge));
    const points = line.points ?? [];
    const middle = points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 };
    return { ...said, path: smooth(points), x: line.x ?? middle.x, y: line.y ?? middle.y };
  });
  const { width = 0, height = 0 } = plan.graph();
  // A loop under a node of the last layer needs room.
  return { nodes: [...nodes.values()], edges: drawn, width: Math.ceil(width), height: Math.ceil(height) + LABEL_HEIGHT * 2 };
}

/** Statuses and queues in the order of the settings, each at least once even if nothing leads there; then the rest. */
function inOrder(graph: Graph, edges: GraphEdge[], view: View): GraphNode[] {
  const own: GraphNode[] = view === "queues"
    ? graph.queues.map((one) => ({ type: "queue", key: one.key }))
    : graph.statuses.map((one) => ({ type: "status", key: one.key }));
  const used = new Map(edges.flatMap((edge) => [edge.from, edge.to]).map((node) => [nodeId(node), node]));
  const shown = view === "queues" ? own.filter((node) => used.has(nodeId(node))) : own;
  const rest = [...used].filter(([id]) => !shown.some((node) => nodeId(node) === id)).map(([, node]) => node);
  return [...rest.filter((node) => !("key" in node)), ...shown, ...rest.filter((node) => "key" in node)];
}

const labelWidth = (label: string) => Math.round(label.length * 6.6) + 12;

export function brokenUp(word: string): string[] {
  if (word.length <= LINE_LETTERS) return [word];
  const middle = word.length / 2;
  const spaces = [...word.matchAll(/\s/g)].map((found) => found.index);
  const at = spaces.toSorted((one, other) => Math.abs(one - middle) - Math.abs(other - middle))[0];
  return at === undefined ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

/** A way that leads back to where it begins: a loop under the node. */
function around({ x, y, height }: Placed): Pick<Drawn, "path" | "x" | "y"> {
  const bottom = Math.round(y + height / 2);
  const [left, right] = [Math.round(x - 16), Math.round(x + 16)];
  return { path: `M ${left} ${bottom} C ${left - 10} ${bottom + 34} ${right + 10} ${bottom + 34} ${right} ${bottom}`, x: Math.round(x), y: bottom + 26 };
}

/** A line through the middles of the pieces, so that it has no corners. */
function smooth(points: { x: number; y: number }[]): string {
  const at = (point?: { x: number; y: number }) => `${Math.round(point?.x ?? 0)} ${Math.round(point?.y ?? 0)}`;
  let path = `M ${at(points[0])}`;
  for (let index = 1; index < points.length - 1; index += 1) {
    const [here, next] = [points[index], points[index + 1]];
    const isLast = index === points.length - 2;
    const end = isLast ? next : { x: ((here?.x ?? 0) + (next?.x ?? 0)) / 2, y: ((here?.y ?? 0) + (next?.y ?? 0)) / 2 };
    path += ` Q ${at(here)} ${at(end)}`;
  }
  return points.length === 2 ? `${path} L ${at(points[1])}` : path;
}
