// A value that components watch.

import { useEffect, useState } from 'preact/hooks';

export interface Store<T> {
  get(): T;
  set(value: T): void;
  subscribe(listener: () => void): () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<T>(store: Store<T>): T {
  const [value, setValue] = useState(store.get());
  useEffect(() => {
    const update = () => setValue(() => store.get());
    update();
    return store.subscribe(update);
  }, [store]);
  return value;
}

// A choice that this browser remembers: a theme, the columns of a table. A browser that keeps nothing forgets it.
export function useRemembered<T>(key: string, initial: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => recall(key, initial));
  const remember = (next: T) => {
    setValue(() => next);
    try {
      localStorage.setItem(`weir.${key}`, JSON.stringify(next));
    } catch {
      // Private windows may refuse.
    }
  };
  return [value, remember];
}

export function recall<T>(key: string, initial: T): T {
  try {
    const text = localStorage.getItem(`weir.${key}`);
    return text === null ? initial : (JSON.parse(text) as T);
  } catch {
    return initial;
  }
}
