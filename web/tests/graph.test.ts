import { describe, expect, it } from 'vitest';
import { curve, layoutKey, layoutOf, NODE_HEIGHT } from '../src/graph/layout';
import { chainOf, edgeRate, graphOf, linesOf, neighbour } from '../src/graph/plan';
import { fitInto, MAX_SCALE, MIN_SCALE, reveal, zoom } from '../src/graph/view';

const plan = {
  nodes: [
    { id: 'a', parallelism: 2, description: 'Source: flights -&gt; late<br/>' },
    { id: 'b', parallelism: 4, description: 'count<br/>', inputs: [{ id: 'a', ship_strategy: 'HASH' }] },
    {
      id: 'c',
      parallelism: 1,
      description: 'sink<br/>',
      inputs: [
        { id: 'a', ship_strategy: 'REBALANCE' },
        { id: 'gone', ship_strategy: 'FORWARD' },
      ],
    },
  ],
};

describe('a plan', () => {
  it('becomes boxes and edges; an input that is not there makes none', () => {
    const graph = graphOf(plan);
    expect(graph.nodes.map((node) => node.operators)).toEqual([['Source: flights', 'late'], ['count'], ['sink']]);
    expect(graph.edges.map((edge) => [edge.from, edge.to, edge.strategy])).toEqual([
      ['a', 'b', 'HASH'],
      ['a', 'c', 'REBALANCE'],
    ]);
  });
  it('has edges whose rates are known from the end that has only one', () => {
    const graph = graphOf(plan);
    const numbers = new Map([
      ['a', { outRate: 30 }],
      ['b', { inRate: 10 }],
    ]);
    expect(edgeRate(graph, graph.edges[0]!, numbers)).toBe(10);
    expect(edgeRate(graph, graph.edges[1]!, numbers)).toBeUndefined();
    const line = { nodes: graph.nodes, edges: graph.edges.slice(0, 1) };
    expect(edgeRate(line, line.edges[0]!, numbers)).toBe(30);
  });
  it('has descriptions that are HTML', () =>
    expect(linesOf('a &lt;b&gt;<br/>&quot;c&quot;<br/>')).toEqual(['a <b>', '"c"']));
  it('has chains whose arrows inside brackets are part of a name', () =>
    expect(chainOf('Source: x -> Map(a -> b) -> Sink')).toEqual(['Source: x', 'Map(a -> b)', 'Sink']));
});

describe('a layout', () => {
  it('puts what reads right of what it reads, and no box upon another', async () => {
    const { boxes, edges } = await layoutOf(graphOf(plan), new Set());
    const [a, b, c] = ['a', 'b', 'c'].map((id) => boxes.get(id)!);
    expect(b!.x).toBeGreaterThan(a!.x + a!.width);
    expect(Math.abs(b!.y - c!.y)).toBeGreaterThanOrEqual(NODE_HEIGHT);
    expect([...edges.values()].every((edge) => edge.path.startsWith('M'))).toBe(true);
  });
  it('is the same every time', async () => {
    const first = await layoutOf(graphOf(plan), new Set());
    const second = await layoutOf(graphOf(structuredClone(plan)), new Set());
    expect([...second.boxes]).toEqual([...first.boxes]);
  });
  it('depends on names, edges and what is unfolded, and on nothing else', () => {
    const key = layoutKey(graphOf(plan), new Set());
    expect(layoutKey(graphOf({ nodes: plan.nodes.map((node) => ({ ...node, parallelism: 9 })) }), new Set())).toBe(key);
    expect(layoutKey(graphOf(plan), new Set(['a']))).not.toBe(key);
  });
  it('draws a curve through all points', () =>
    expect(
      curve([
        { x: 0, y: 0 },
        { x: 10, y: 10 },
      ]),
    ).toBe('M0,0 C5,0 5,10 10,10'));
});

describe('the arrow keys', () => {
  it('follow the edges', async () => {
    const graph = graphOf(plan);
    const { boxes } = await layoutOf(graph, new Set());
    expect(neighbour(graph, boxes, 'b', 'ArrowLeft')).toBe('a');
    expect(['b', 'c']).toContain(neighbour(graph, boxes, 'a', 'ArrowRight'));
    const [upper, lower] = boxes.get('b')!.y < boxes.get('c')!.y ? ['b', 'c'] : ['c', 'b'];
    expect(neighbour(graph, boxes, upper!, 'ArrowDown')).toBe(lower);
    expect(neighbour(graph, boxes, upper!, 'ArrowUp')).not.toBe(lower);
    expect(neighbour(graph, boxes, 'a', 'ArrowLeft')).toBeUndefined();
  });
});

describe('the view', () => {
  it('fits a large drawing and does not blow up a small one', () => {
    expect(fitInto({ width: 2000, height: 500 }, { width: 1000, height: 500 }).scale).toBe(0.5);
    expect(fitInto({ width: 100, height: 100 }, { width: 1000, height: 500 }).scale).toBe(1);
  });
  it('zooms around a point that stays where it is', () => {
    const at = { x: 200, y: 100 };
    const before = { x: 30, y: 10, scale: 1 };
    const after = zoom(before, 1.5, at);
    const drawn = (view: typeof before) => [(at.x - view.x) / view.scale, (at.y - view.y) / view.scale];
    for (const [i, value] of drawn(after).entries()) expect(value).toBeCloseTo(drawn(before)[i]!);
  });
  it('has limits', () => {
    expect(zoom({ x: 0, y: 0, scale: 1 }, 100, { x: 0, y: 0 }).scale).toBe(MAX_SCALE);
    expect(zoom({ x: 0, y: 0, scale: 1 }, 0.001, { x: 0, y: 0 }).scale).toBe(MIN_SCALE);
  });
  it('moves no more than it must to show a box', () => {
    const window = { width: 500, height: 300 };
    const view = { x: 0, y: 0, scale: 1 };
    expect(reveal(view, { x: 50, y: 50, width: 100, height: 100 }, window)).toEqual(view);
    expect(reveal(view, { x: 600, y: 50, width: 100, height: 100 }, window).x).toBe(500 - 16 - 100 - 600);
  });
});
