// The graph of a job: drag to move, wheel with Ctrl (or after a click) to zoom, arrow keys along the edges.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { VertexNumbers } from '../api/vertex_numbers';
import { Icon } from '../components/icons';
import { rate } from '../format';
import { type Direction, type Layout, layoutKey, layoutOf } from './layout';
import { NodeBox } from './node_box';
import { edgeRate, type Graph, neighbour } from './plan';
import { fitInto, reveal, type View, zoom } from './view';

// The buttons at the bottom lie over no box of a graph that is shown whole.
const CONTROLS_HEIGHT = 36;

interface GraphViewProps {
  graph: Graph;
  numbers?: Map<string, VertexNumbers>;
  states?: Map<string, string>;
  chosen?: string | undefined;
  onChoose?: (id: string) => void;
}

export function GraphView(props: GraphViewProps) {
  const { graph } = props;
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const frame = useRef<HTMLDivElement>(null);
  const layout = useLayout(graph, unfolded, useDirection(frame));
  const { view, setView, refit } = useView(frame, layout);
  const toggle = (id: string) => {
    const next = new Set(unfolded);
    if (!next.delete(id)) next.add(id);
    setUnfolded(next);
  };
  const moveAlong = (event: KeyboardEvent, id: string) => {
    const next = layout && event.key.startsWith('Arrow') ? neighbour(graph, layout.boxes, id, event.key) : undefined;
    const box = next === undefined ? undefined : layout?.boxes.get(next);
    if (next === undefined || box === undefined || frame.current === null) return;
    event.preventDefault();
    setView(reveal(view, box, { width: frame.current.clientWidth, height: frame.current.clientHeight }));
    frame.current.querySelector<HTMLElement>(`[data-node="${next}"]`)?.focus({ preventScroll: true });
  };
  const height = layout === undefined ? 260 : Math.min(Math.max(layout.height + CONTROLS_HEIGHT, 220), 540);
  return (
    <div class="graph" ref={frame} style={{ height: `${height}px` }} data-ready={layout !== undefined}>
      {layout && (
        <div class="graph-drawing" style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }}>
          <Edges graph={graph} layout={layout} numbers={props.numbers} />
          {graph.nodes.map((node) => (
            <NodeBox
              key={node.id}
              node={node}
              box={layout.boxes.get(node.id)!}
              numbers={props.numbers?.get(node.id)}
              largestRate={largestRate(props.numbers)}
              state={props.states?.get(node.id)}
              chosen={props.chosen === node.id}
              unfolded={unfolded.has(node.id)}
              onChoose={props.onChoose && (() => props.onChoose?.(node.id))}
              onToggle={() => toggle(node.id)}
              onKeyDown={(event) => moveAlong(event, node.id)}
            />
          ))}
        </div>
      )}
      <Controls zoomBy={(factor) => setView(zoom(view, factor, middleOf(frame.current)))} refit={refit} />
    </div>
  );
}

const middleOf = (element: HTMLElement | null) => ({
  x: (element?.clientWidth ?? 0) / 2,
  y: (element?.clientHeight ?? 0) / 2,
});

function Controls({ zoomBy, refit }: { zoomBy: (factor: number) => void; refit: () => void }) {
  return (
    <div class="graph-controls">
      <button type="button" class="button small icon" aria-label="Larger" title="Larger" onClick={() => zoomBy(1.25)}>
        <Icon name="plus" size={15} />
      </button>
      <button type="button" class="button small icon" aria-label="Smaller" title="Smaller" onClick={() => zoomBy(0.8)}>
        <Icon name="minus" size={15} />
      </button>
      <button type="button" class="button small icon" aria-label="Show all" title="Show all" onClick={refit}>
        <Icon name="fit" size={15} />
      </button>
    </div>
  );
}

// A new layout only for another graph: what changes from refresh to refresh moves nothing.
function useLayout(graph: Graph, unfolded: ReadonlySet<string>, direction: Direction): Layout | undefined {
  const [layout, setLayout] = useState<Layout>();
  const key = layoutKey(graph, unfolded);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the graph
  useEffect(() => {
    let current = true;
    layoutOf(graph, unfolded, direction).then((next) => current && setLayout(next));
    return () => {
      current = false;
    };
  }, [key, direction]);
  return layout;
}

const NARROW = 560;

function useDirection(frame: { current: HTMLDivElement | null }): Direction {
  const [direction, setDirection] = useState<Direction>('LR');
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const resized = new ResizeObserver(() => setDirection(element.clientWidth < NARROW ? 'TB' : 'LR'));
    resized.observe(element);
    return () => resized.disconnect();
  }, [frame]);
  return direction;
}

function useView(frame: { current: HTMLDivElement | null }, layout: Layout | undefined) {
  const [view, setShown] = useState<View>({ x: 0, y: 0, scale: 1 });
  // Until somebody moves it, the whole graph is shown.
  const moved = useRef(false);
  const setView = (next: View) => {
    moved.current = true;
    setShown(next);
  };
  const refit = useMemo(
    () => () => {
      moved.current = false;
      const element = frame.current;
      if (element && layout)
        setShown(fitInto(layout, { width: element.clientWidth, height: element.clientHeight - CONTROLS_HEIGHT }));
    },
    [layout, frame],
  );
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    if (!moved.current) refit();
    const resized = new ResizeObserver(() => !moved.current && refit());
    resized.observe(element);
    const endGestures = listenToGestures(element, (change) => {
      moved.current = true;
      setShown(change);
    });
    return () => {
      resized.disconnect();
      endGestures();
    };
  }, [refit, frame]);
  return { view, setView, refit };
}

type Change = (change: (view: View) => View) => void;

function listenToGestures(element: HTMLElement, change: Change): () => void {
  let last: { x: number; y: number } | undefined;
  let clicked = false;
  const onDown = (event: PointerEvent) => {
    if ((event.target as Element).closest('button, .node')) return;
    last = { x: event.clientX, y: event.clientY };
    clicked = true;
    element.setPointerCapture(event.pointerId);
  };
  const onMove = (event: PointerEvent) => {
    if (last === undefined) return;
    const [dx, dy] = [event.clientX - last.x, event.clientY - last.y];
    last = { x: event.clientX, y: event.clientY };
    change((view) => ({ ...view, x: view.x + dx, y: view.y + dy }));
  };
  const onUp = () => {
    last = undefined;
  };
  const onLeave = () => {
    clicked = false;
  };
  const onWheel = (event: WheelEvent) => {
    // A page that is being scrolled must not stop at the graph.
    if (!event.ctrlKey && !clicked) return;
    event.preventDefault();
    const place = element.getBoundingClientRect();
    const at = { x: event.clientX - place.left, y: event.clientY - place.top };
    change((view) => zoom(view, Math.exp(-event.deltaY / 400), at));
  };
  const listeners: [string, (event: never) => void][] = [
    ['pointerdown', onDown],
    ['pointermove', onMove],
    ['pointerup', onUp],
    ['pointercancel', onUp],
    ['pointerleave', onLeave],
  ];
  for (const [name, listener] of listeners) element.addEventListener(name, listener as EventListener);
  element.addEventListener('wheel', onWheel, { passive: false });
  return () => {
    for (const [name, listener] of listeners) element.removeEventListener(name, listener as EventListener);
    element.removeEventListener('wheel', onWheel);
  };
}

const largestRate = (numbers: Map<string, VertexNumbers> | undefined) =>
  Math.max(1, ...[...(numbers?.values() ?? [])].map((one) => Math.max(one.inRate ?? 0, one.outRate ?? 0)));

function Edges({
  graph,
  layout,
  numbers,
}: {
  graph: Graph;
  layout: Layout;
  numbers: Map<string, VertexNumbers> | undefined;
}) {
  const largest = largestRate(numbers);
  return (
    <svg class="graph-edges" width={layout.width} height={layout.height} aria-hidden="true">
      <defs>
        <marker
          id="arrow"
          viewBox="0 0 8 8"
          refX="3"
          refY="4"
          markerWidth="9"
          markerHeight="9"
          markerUnits="userSpaceOnUse"
          orient="auto"
        >
          <path d="M0,0 L8,4 L0,8 z" />
        </marker>
      </defs>
      {graph.edges.map((edge) => {
        const drawn = layout.edges.get(edge.id);
        const records = edgeRate(graph, edge, numbers);
        const width = 1.5 + 3.5 * Math.min((records ?? 0) / largest, 1);
        return drawn ? (
          <g key={edge.id}>
            <path class="edge" d={drawn.path} marker-end="url(#arrow)" style={{ strokeWidth: width }} />
            <text class="edge-label" x={drawn.label.x} y={drawn.label.y - 6}>
              {edge.strategy}
            </text>
            {records !== undefined && (
              <text class="edge-rate num" x={drawn.label.x} y={drawn.label.y + 14}>
                {rate(records)}
              </text>
            )}
          </g>
        ) : null;
      })}
    </svg>
  );
}
