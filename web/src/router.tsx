// Pages have addresses under /ui/, so that those of the API stay the API's.

import type * as preact from 'preact';
import type { ComponentChildren } from 'preact';
import { PREFIX } from './base';
import { createStore, useStore } from './store';

export interface Place {
  // "/jobs/1f…/exceptions": without /ui.
  path: string;
  query: URLSearchParams;
  hash: string;
}

const ROOT = `${PREFIX}/ui`;
export const HOME = '/overview';

// Flink's dashboard has its pages behind a #; bookmarks of them lead to ours.
export function fromFlink(hash: string): string | undefined {
  const parts = hash.replace(/^#\/?/, '').split('?')[0]!.split('/').filter(Boolean);
  const [area, first, second, third] = parts;
  switch (area) {
    case 'overview':
      return HOME;
    case 'job':
    case 'application':
      if (second !== undefined && area === 'job') return `/jobs/${second}${third ? `/${jobTabOf(third)}` : ''}`;
      return first === 'completed' ? '/jobs?show=completed' : '/jobs?show=running';
    case 'task-manager':
      return first === undefined
        ? '/task-managers'
        : `/task-managers/${first}${second ? `/${processTabOf(second)}` : ''}`;
    case 'job-manager':
      return first === undefined ? '/job-manager' : `/job-manager/${processTabOf(first)}`;
    case 'submit':
      return '/submit';
    default:
      return undefined;
  }
}

const jobTabOf = (name: string) => ({ dataskew: 'skew' })[name] ?? name;
const processTabOf = (name: string) =>
  ({ config: 'configuration', 'thread-dump': 'stacks', log: 'log-files' })[name] ?? name;

function read(): Place {
  const { pathname, search, hash } = window.location;
  const own = pathname.startsWith(`${ROOT}/`) ? pathname.slice(ROOT.length) : '';
  return { path: own === '' || own === '/' ? HOME : own, query: new URLSearchParams(search), hash };
}

export const place = createStore<Place>({ path: HOME, query: new URLSearchParams(), hash: '' });

// Reads where we are; old addresses become ours.
export function startRouter() {
  const flink = window.location.hash.startsWith('#/') ? fromFlink(window.location.hash) : undefined;
  if (flink !== undefined) history.replaceState(null, '', ROOT + flink);
  else if (!window.location.pathname.startsWith(`${ROOT}/`)) history.replaceState(null, '', ROOT + HOME);
  place.set(read());
  window.addEventListener('popstate', () => place.set(read()));
  window.addEventListener('hashchange', () => {
    const target = fromFlink(window.location.hash);
    if (target !== undefined) go(target, { replace: true });
  });
}

export function go(to: string, options: { replace?: boolean } = {}) {
  const address = ROOT + to;
  const before = place.get().path;
  if (options.replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  place.set(read());
  if (place.get().path !== before && !options.replace) window.scrollTo(0, 0);
}

// The present address with some of its query changed; null removes.
export function withQuery(changes: Record<string, string | null>): string {
  const { path, query } = place.get();
  const next = new URLSearchParams(query);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) next.delete(key);
    else next.set(key, value);
  }
  const text = next.toString();
  return text === '' ? path : `${path}?${text}`;
}

export const usePlace = () => useStore(place);

// Parameters of "/jobs/:id/:tab?" in a path; undefined: it is another page.
export function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/').filter(Boolean);
  const given = path.split('/').filter(Boolean);
  if (given.length > wanted.length) return undefined;
  const found: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const value = given[i];
    const optional = part.endsWith('?');
    if (value === undefined) {
      if (!optional) return undefined;
    } else if (part.startsWith(':')) {
      found[part.slice(1, optional ? -1 : undefined)] = decodeURIComponent(value);
    } else if (part !== value) {
      return undefined;
    }
  }
  return found;
}

export const addressOf = (to: string) => ROOT + to;

export function followLink(event: MouseEvent, to: string) {
  // Other buttons and keys are the browser's: a new tab, a new window.
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(to);
}

interface LinkProps extends Omit<preact.HTMLAttributes<HTMLAnchorElement>, 'href' | 'onClick' | 'role'> {
  to: string;
  role?: 'tab';
  children: ComponentChildren;
}

export function Link({ to, children, ...rest }: LinkProps) {
  return (
    <a {...rest} href={addressOf(to)} onClick={(event) => followLink(event, to)}>
      {children}
    </a>
  );
}
