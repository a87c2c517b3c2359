// A row of tabs, each with an address of its own: the arrow keys move between them.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { go, Link } from '../router';

export interface Tab {
  id: string;
  title: string;
  to: string;
  note?: ComponentChildren;
}

export function Tabs({ tabs, chosen, label }: { tabs: Tab[]; chosen: string; label: string }) {
  const row = useRef<HTMLDivElement>(null);
  // A narrow page shows some of them; the chosen one must be among these.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another choice may be out of sight
  useEffect(() => {
    const tab = row.current?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (tab && row.current) row.current.scrollLeft = tab.offsetLeft - row.current.offsetLeft - 48;
  }, [chosen]);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = tabs.findIndex((tab) => tab.id === chosen);
    const next = tabs[(at + step + tabs.length) % tabs.length]!;
    const list = event.currentTarget as HTMLElement;
    go(next.to, { replace: true });
    requestAnimationFrame(() => list.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
  };
  return (
    <div class="tabs" ref={row} role="tablist" aria-label={label} onKeyDown={move}>
      {tabs.map((tab) => (
        <Link
          key={tab.id}
          to={tab.to}
          class="tab"
          role="tab"
          aria-selected={tab.id === chosen}
          tabIndex={tab.id === chosen ? 0 : -1}
        >
          {tab.title}
          {tab.note}
        </Link>
      ))}
    </div>
  );
}
