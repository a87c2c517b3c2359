// What goes on and how it ended, in the corner of the page: actions outlive the page that began them.

import type { ComponentChildren } from 'preact';
import { createStore, useStore } from '../store';
import { Icon } from './icons';

interface Toast {
  id: number;
  tone: 'running' | 'ok' | 'bad';
  text: ComponentChildren;
}

const toasts = createStore<Toast[]>([]);
let last = 0;
// Good news goes by itself; bad news waits to be read.
const GOOD_NEWS_MS = 12_000;

export const dismiss = (id: number) => toasts.set(toasts.get().filter((toast) => toast.id !== id));

function put(toast: Toast) {
  toasts.set([...toasts.get().filter((other) => other.id !== toast.id), toast]);
  if (toast.tone === 'ok') setTimeout(() => dismiss(toast.id), GOOD_NEWS_MS);
}

// Shows `running` until the work has ended, then what came of it.
export async function follow<T>(running: string, work: Promise<T>, done: (result: T) => ComponentChildren) {
  last += 1;
  const id = last;
  put({ id, tone: 'running', text: running });
  try {
    put({ id, tone: 'ok', text: done(await work) });
  } catch (error) {
    put({ id, tone: 'bad', text: (error as Error).message });
  }
}

export function say(tone: 'ok' | 'bad', text: ComponentChildren) {
  last += 1;
  put({ id: last, tone, text });
}

export function Toasts() {
  const all = useStore(toasts);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {all.map((toast) => (
        <div key={toast.id} class={`toast ${toast.tone}`}>
          {toast.tone === 'running' ? (
            <span class="spinner" aria-hidden="true" />
          ) : (
            <Icon name={toast.tone === 'ok' ? 'check' : 'failed'} />
          )}
          <div>{toast.text}</div>
          <button type="button" class="button quiet small icon" aria-label="Dismiss" onClick={() => dismiss(toast.id)}>
            <Icon name="close" size={14} />
          </button>
        </div>
      ))}
    </div>
  );
}
