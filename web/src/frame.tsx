// What surrounds every page: the rail, the search, the state of the connection.

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { connection, setToken } from './api/client';
import { useDashboardConfig, useHistory, useNow, usePoll } from './api/poll';
import type { ClusterOverview } from './api/types';
import { Dialog } from './components/dialog';
import { Icon, type IconName, Logo } from './components/icons';
import { Toasts } from './components/toasts';
import { HOME, Link, usePlace } from './router';
import { Search } from './search';
import { useStore } from './store';
import { chooseTheme, type Theme, theme } from './theme';

export function Frame({ children }: { children: ComponentChildren }) {
  const { lostSince, needsToken } = useStore(connection);
  const [searching, setSearching] = useState(false);
  useSearchKeys(() => setSearching(true));
  return (
    <div class="frame">
      <Rail />
      <div class={`main ${lostSince > 0 ? 'lost' : ''}`}>
        {lostSince > 0 && <LostBanner since={lostSince} />}
        <div class="topbar">
          <button type="button" class="search-button" onClick={() => setSearching(true)}>
            <Icon name="search" size={16} />
            <span class="clip">Search jobs, operators, machines</span>
            <kbd>/</kbd>
          </button>
        </div>
        <main class="content">{children}</main>
      </div>
      <Toasts />
      {searching && <Search onClose={() => setSearching(false)} />}
      {needsToken && <TokenDialog />}
    </div>
  );
}

function useSearchKeys(open: () => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = (event.target as Element).closest?.('input, textarea, select, dialog');
      const wanted = event.key === 'k' && (event.metaKey || event.ctrlKey);
      if (!wanted && (event.key !== '/' || typing)) return;
      event.preventDefault();
      open();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [open]);
}

interface RailEntry {
  to: string;
  icon: IconName;
  title: string;
  count?: number | undefined;
}

function Rail() {
  const { path } = usePlace();
  const overview = usePoll<ClusterOverview>('/overview').data;
  const config = useDashboardConfig();
  const history = useHistory();
  const title = history ? 'Weir history' : 'Weir';
  const entries: RailEntry[] = [
    { to: HOME, icon: 'overview', title: 'Overview' },
    { to: '/jobs', icon: 'jobs', title: 'Jobs', count: overview?.['jobs-running'] },
  ];
  if (!history) {
    entries.push({ to: '/task-managers', icon: 'nodes', title: 'Task managers', count: overview?.taskmanagers });
    entries.push({ to: '/job-manager', icon: 'manager', title: 'Job manager' });
    if (config?.features['web-submit'] !== false) entries.push({ to: '/submit', icon: 'submit', title: 'Submit' });
  }
  return (
    <nav class="rail" aria-label="Pages">
      <Link to={HOME} class="brand" aria-label={`${title}: overview`}>
        <Logo />
        <span>{title}</span>
      </Link>
      {entries.map((entry) => (
        <RailLink key={entry.to} entry={entry} here={path === entry.to || path.startsWith(`${entry.to}/`)} />
      ))}
      <div class="rail-foot">
        <ThemeChoice />
        <span title={config && `REST API of Flink ${config['flink-version']}`}>{config?.['flink-revision'] ?? ''}</span>
      </div>
    </nav>
  );
}

function RailLink({ entry, here }: { entry: RailEntry; here: boolean }) {
  return (
    <Link to={entry.to} class="rail-link" title={entry.title} {...(here ? { 'aria-current': 'page' as const } : {})}>
      <Icon name={entry.icon} />
      <span class="rail-title">{entry.title}</span>
      {entry.count !== undefined && entry.count > 0 && <span class="count num">{entry.count}</span>}
    </Link>
  );
}

const THEMES: [Theme, IconName, string][] = [
  ['system', 'screen', 'As the system'],
  ['light', 'sun', 'Light'],
  ['dark', 'moon', 'Dark'],
];

function ThemeChoice() {
  const chosen = useStore(theme);
  return (
    <fieldset class="theme" aria-label="Colours" style={{ margin: 0 }}>
      {THEMES.map(([id, icon, title]) => (
        <button
          key={id}
          type="button"
          aria-pressed={chosen === id}
          aria-label={title}
          title={title}
          onClick={() => chooseTheme(id)}
        >
          <Icon name={icon} size={15} />
        </button>
      ))}
    </fieldset>
  );
}

function LostBanner({ since }: { since: number }) {
  const seconds = Math.max(0, Math.floor((useNow() - since) / 1000));
  return (
    <div class="banner" role="alert">
      <span class="spinner" aria-hidden="true" />
      <span>
        Lost connection, reconnecting <span class="num">({seconds} s)</span>
      </span>
    </div>
  );
}

function TokenDialog() {
  const [token, set] = useState('');
  return (
    <Dialog title="This cluster asks for a token" onClose={() => undefined}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          setToken(token.trim());
          window.location.reload();
        }}
      >
        <p>
          It is in the file that <code>rest.authentication.token-file</code> names. This tab keeps it until you close
          it.
        </p>
        <label class="field">
          <span>Token</span>
          <input
            class="input"
            type="password"
            autocomplete="off"
            value={token}
            onInput={(event) => set(event.currentTarget.value)}
          />
        </label>
        <div class="actions row" style={{ justifyContent: 'flex-end' }}>
          <button type="submit" class="button primary" disabled={token.trim() === ''}>
            Go on
          </button>
        </div>
      </form>
    </Dialog>
  );
}
