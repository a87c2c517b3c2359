// Where the boxes and edges of a graph lie. The same graph gets the same places every time, so that nothing moves between refreshes.

import type { Graph, GraphNode } from './plan';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Layout {
  width: number;
  height: number;
  // Upper left corners.
  boxes: Map<string, Box>;
  edges: Map<string, { path: string; label: { x: number; y: number } }>;
}

export const NODE_HEIGHT = 122;
const OPERATOR_HEIGHT = 19;
const MIN_WIDTH = 236;
const MAX_WIDTH = 340;

// Wide enough for the name in two lines.
export function sizeOf(node: GraphNode, unfolded: boolean): { width: number; height: number } {
  const longest = unfolded
    ? Math.max(...node.operators.map((name) => name.length))
    : Math.ceil(node.name.length / 2) + 4;
  const width = Math.min(Math.max(longest * 7 + 60, MIN_WIDTH), MAX_WIDTH);
  return { width, height: NODE_HEIGHT + (unfolded ? node.operators.length * OPERATOR_HEIGHT + 4 : 0) };
}

type Point = { x: number; y: number };

// A curve through the bends of an edge.
export function curve(points: Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let path = `M${round(first.x)},${round(first.y)}`;
  for (const [i, point] of rest.entries()) {
    const before = rest[i - 1] ?? first;
    const middle = (before.x + point.x) / 2;
    path += ` C${round(middle)},${round(before.y)} ${round(middle)},${round(point.y)} ${round(point.x)},${round(point.y)}`;
  }
  return path;
}

const round = (value: number) => Math.round(value * 10) / 10;

// Left to right, or on a narrow screen from top to bottom.
export type Direction = 'LR' | 'TB';

export async function layoutOf(
  graph: Graph,
  unfolded: ReadonlySet<string>,
  direction: Direction = 'LR',
): Promise<Layout> {
  const { default: dagre } = await import('@dagrejs/dagre');
  const drawing = new dagre.graphlib.Graph({ multigraph: true });
  drawing.setGraph({
    rankdir: direction,
    nodesep: 28,
    ranksep: direction === 'LR' ? 96 : 64,
    edgesep: 24,
    marginx: 24,
    marginy: 24,
  });
  drawing.setDefaultEdgeLabel(() => ({}));
  for (const node of graph.nodes) drawing.setNode(node.id, sizeOf(node, unfolded.has(node.id)));
  for (const edge of graph.edges) {
    drawing.setEdge(edge.from, edge.to, { width: edge.strategy.length * 7 + 16, height: 34, labelpos: 'c' }, edge.id);
  }
  dagre.layout(drawing);
  const boxes = new Map<string, Box>();
  for (const node of graph.nodes) {
    const { x, y, width, height } = drawing.node(node.id) as Box;
    boxes.set(node.id, { x: x - width / 2, y: y - height / 2, width, height });
  }
  const edges: Layout['edges'] = new Map();
  for (const edge of graph.edges) {
    const drawn = drawing.edge({ v: edge.from, w: edge.to, name: edge.id }) as { points: Point[] } & Point;
    const points = ends(drawn.points, boxes.get(edge.from)!, boxes.get(edge.to)!, direction);
    edges.set(edge.id, { path: direction === 'LR' ? curve(points) : straight(points), label: drawn });
  }
  const { width = 0, height = 0 } = drawing.graph() as { width?: number; height?: number };
  return { width, height, boxes, edges };
}

// Edges leave on the right and arrive on the left (or at the bottom and the top), whatever side dagre touched.
function ends(points: Point[], from: Box, to: Box, direction: Direction): Point[] {
  const bends = points.slice(1, -1);
  if (direction === 'TB') {
    const out = { x: from.x + from.width / 2, y: from.y + from.height };
    const into = { x: to.x + to.width / 2, y: to.y - 5 };
    return [out, ...bends.filter((point) => point.y > out.y && point.y < into.y), into];
  }
  const out = { x: from.x + from.width, y: from.y + from.height / 2 };
  const into = { x: to.x - 5, y: to.y + to.height / 2 };
  return [out, ...bends.filter((point) => point.x > out.x && point.x < into.x), into];
}

const straight = (points: Point[]) =>
  points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${round(x)},${round(y)}`).join(' ');

// What a layout depends on.
export const layoutKey = (graph: Graph, unfolded: ReadonlySet<string>) =>
  JSON.stringify([
    graph.nodes.map((node) => [node.id, node.name, node.operators.length]),
    graph.edges.map((edge) => edge.id),
    [...unfolded].sort(),
  ]);
