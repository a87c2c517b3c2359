// A long list of rows of one height: only the visible ones are in the page.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { visibleRange } from './rows';

interface VirtualListProps<Item> {
  items: Item[];
  rowHeight: number;
  maxHeight: number;
  label: string;
  render: (item: Item, index: number) => ComponentChildren;
}

export function VirtualList<Item>({ items, rowHeight, maxHeight, label, render }: VirtualListProps<Item>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const update = () => setTop(element.scrollTop);
    element.addEventListener('scroll', update, { passive: true });
    return () => element.removeEventListener('scroll', update);
  }, []);
  const height = Math.min(items.length * rowHeight, maxHeight);
  const { first, last } = visibleRange(items.length, top, height, rowHeight);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section ref={scroller} aria-label={label} tabIndex={0} style={{ maxHeight: `${maxHeight}px`, overflowY: 'auto' }}>
      <div style={{ height: `${items.length * rowHeight}px`, position: 'relative' }}>
        <div style={{ transform: `translateY(${first * rowHeight}px)` }}>
          {items.slice(first, last).map((item, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows are places of the list
            <div key={first + i} style={{ height: `${rowHeight}px`, overflow: 'hidden' }}>
              {render(item, first + i)}
            </div>
          ))}
        </div>
      </div>
    </section>
  );
}
