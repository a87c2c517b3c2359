// What the graph needs to know of a plan.

import type { Plan, PlanNode } from '../api/types';

export interface GraphNode {
  id: string;
  name: string;
  // The operators chained into the vertex, in order; one that stands alone has itself.
  operators: string[];
  parallelism: number;
}

export interface GraphEdge {
  id: string;
  from: string;
  to: string;
  strategy: string;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' };

// Descriptions come as HTML, of which only line breaks and entities mean anything.
export function linesOf(description: string): string[] {
  return description
    .split(/<br\s*\/?>/i)
    .map((line) =>
      line.replace(/<[^>]*>/g, '').replace(/&([a-z#0-9]+);/gi, (all, name: string) => ENTITIES[name] ?? all),
    )
    .map((line) => line.replace(/^[\s:+|-]+/, '').trim())
    .filter((line) => line !== '');
}

// "A -> B -> C" is how chains are named; a "->" inside brackets belongs to an operator's own name.
export function chainOf(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let begin = 0;
  for (let i = 0; i < text.length; i++) {
    if ('([{'.includes(text[i]!)) depth += 1;
    else if (')]}'.includes(text[i]!)) depth = Math.max(0, depth - 1);
    else if (depth === 0 && text.startsWith(' -> ', i)) {
      parts.push(text.slice(begin, i).trim());
      begin = i + 4;
    }
  }
  parts.push(text.slice(begin).trim());
  return parts.filter((part) => part !== '');
}

function operatorsOf(node: PlanNode): string[] {
  if (node.operators !== undefined && node.operators.length > 0) return node.operators;
  const lines = linesOf(node.description);
  return lines.length > 1 ? lines : chainOf(lines[0] ?? node.id);
}

export function graphOf(plan: Plan, names: Map<string, string> = new Map()): Graph {
  const nodes = plan.nodes.map((node) => {
    const operators = operatorsOf(node);
    return {
      id: node.id,
      name: names.get(node.id) ?? operators.join(' -> '),
      operators,
      parallelism: node.parallelism,
    };
  });
  const known = new Set(nodes.map((node) => node.id));
  const edges = plan.nodes.flatMap((node) =>
    (node.inputs ?? [])
      .filter((input) => known.has(input.id))
      .map((input, i) => ({
        id: `${input.id}>${node.id}#${i}`,
        from: input.id,
        to: node.id,
        strategy: input.ship_strategy,
      })),
  );
  return { nodes, edges };
}

// Records a second on one edge. A vertex counts what it sends on all its edges together, so a reader of one edge knows better.
export function edgeRate(
  graph: Graph,
  edge: GraphEdge,
  numbers: Map<string, { inRate?: number | undefined; outRate?: number | undefined }> | undefined,
): number | undefined {
  const out = graph.edges.filter((other) => other.from === edge.from).length;
  const into = graph.edges.filter((other) => other.to === edge.to).length;
  if (out === 1) return numbers?.get(edge.from)?.outRate;
  if (into === 1) return numbers?.get(edge.to)?.inRate;
  return undefined;
}

// Neighbours along the edges, for the arrow keys.
export function neighbour(graph: Graph, places: Map<string, { x: number; y: number }>, from: string, key: string) {
  const byHeight = (ids: string[]) => ids.sort((a, b) => (places.get(a)?.y ?? 0) - (places.get(b)?.y ?? 0));
  if (key === 'ArrowRight') return byHeight(graph.edges.filter((edge) => edge.from === from).map((edge) => edge.to))[0];
  if (key === 'ArrowLeft') return byHeight(graph.edges.filter((edge) => edge.to === from).map((edge) => edge.from))[0];
  // Up and down: the next box in the same column, or else anywhere.
  const here = places.get(from);
  if (here === undefined) return undefined;
  const below = key === 'ArrowDown';
  const others = graph.nodes
    .map((node) => ({ id: node.id, place: places.get(node.id) }))
    .filter(({ id, place }) => id !== from && place !== undefined && (below ? place.y > here.y : place.y < here.y));
  others.sort((a, b) => distance(a.place!, here) - distance(b.place!, here));
  return others[0]?.id;
}

const distance = (a: { x: number; y: number }, b: { x: number; y: number }) =>
  Math.abs(a.x - b.x) * 2 + Math.abs(a.y - b.y);
