// One box of the graph: the fill says how busy it is, the border how back-pressured, the bar how many records pass.

import type { VertexNumbers } from '../api/vertex_numbers';
import { Icon } from '../components/icons';
import * as format from '../format';
import { toneOf, wordOf } from '../states';
import type { Box } from './layout';
import type { GraphNode } from './plan';

interface NodeBoxProps {
  node: GraphNode;
  box: Box;
  numbers: VertexNumbers | undefined;
  largestRate: number;
  state: string | undefined;
  chosen: boolean;
  unfolded: boolean;
  onChoose?: (() => void) | undefined;
  onToggle: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

// Flink's thresholds of back-pressure.
function pressureClass(share: number | undefined): string {
  if (share === undefined || share <= 0.1) return '';
  return share <= 0.5 ? 'pressed-low' : 'pressed-high';
}

export function NodeBox(props: NodeBoxProps) {
  const { node, box, numbers, state } = props;
  const known = [numbers?.inRate, numbers?.outRate].filter((value) => value !== undefined);
  const records = known.length === 0 ? undefined : Math.max(...known);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      props.onChoose?.();
    } else {
      props.onKeyDown(event);
    }
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button may not hold another, and this one unfolds its chain
    <div
      class={`node ${pressureClass(numbers?.backPressured)} ${props.chosen ? 'chosen' : ''} tone-${toneOf(state ?? '')}`}
      role="group"
      data-node={node.id}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it acts on keys
      tabIndex={0}
      aria-label={label(node, numbers, state)}
      onClick={(event) => !(event.target as Element).closest('button') && props.onChoose?.()}
      onKeyDown={onKeyDown}
      style={{
        left: `${box.x}px`,
        top: `${box.y}px`,
        width: `${box.width}px`,
        height: `${box.height}px`,
        '--busy-share': `${Math.round((numbers?.busy ?? 0) * 100)}%`,
      }}
    >
      <div class="node-head">
        <span class="node-name" title={node.name}>
          {node.name}
        </span>
        <span class="node-parallelism num" title={`parallelism ${node.parallelism}`}>
          ×{node.parallelism}
        </span>
      </div>
      {props.unfolded && (
        <ol class="node-chain">
          {node.operators.map((name, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: operators of a chain may share a name
            <li key={i} class="clip" title={name}>
              {name}
            </li>
          ))}
        </ol>
      )}
      <Numbers numbers={numbers} state={state} />
      <div class="node-foot">
        <span class="node-bar" aria-hidden="true">
          <span style={{ width: `${Math.round((100 * (records ?? 0)) / props.largestRate)}%` }} />
        </span>
        <span class="num">{numbers ? format.rate(records) : ''}</span>
        {node.operators.length > 1 && (
          <button type="button" class="node-unfold" aria-expanded={props.unfolded} onClick={props.onToggle}>
            {node.operators.length} operators
            <Icon name={props.unfolded ? 'minus' : 'plus'} size={12} />
          </button>
        )}
      </div>
    </div>
  );
}

function label(node: GraphNode, numbers: VertexNumbers | undefined, state: string | undefined): string {
  const parts = [node.name, `parallelism ${node.parallelism}`];
  if (state) parts.push(wordOf(state));
  if (numbers)
    parts.push(`busy ${format.percent(numbers.busy)}`, `back-pressured ${format.percent(numbers.backPressured)}`);
  return parts.join(', ');
}

function Numbers({ numbers, state }: { numbers: VertexNumbers | undefined; state: string | undefined }) {
  if (numbers === undefined) {
    return <div class="node-numbers">{state && <span class={`badge ${toneOf(state)}`}>{wordOf(state)}</span>}</div>;
  }
  const mark = format.watermark(numbers.lowWatermark);
  return (
    <dl class="node-numbers">
      <Stat name="Busy" value={format.percent(numbers.busy)} />
      <Stat
        name="Back-pr."
        value={format.percent(numbers.backPressured)}
        title="Back-pressured: the largest share of its subtasks"
      />
      <Stat
        name="Skew"
        value={numbers.skew === undefined ? format.NONE : `${Math.round(numbers.skew)} %`}
        title="Data skew of records received"
      />
      <Stat name="Mark" value={shortMark(mark.text)} title={`Low watermark: ${mark.text}. ${mark.hint}`} />
    </dl>
  );
}

// The time is what moves; the date is in the tooltip.
const shortMark = (text: string) => (/^\d{4}-/.test(text) ? text.slice(5, 16) : text);

const Stat = ({ name, value, title }: { name: string; value: string; title?: string }) => (
  <div title={title}>
    <dt>{name}</dt>
    <dd class="num">{value}</dd>
  </div>
);
