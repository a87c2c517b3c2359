// A log: followed, searched, filtered by level. Only the visible lines are in the page.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type ApiError, download } from '../api/client';
import { repeat } from '../api/poll';
import { readOn, readTail, type Tail } from '../api/tail';
import { plural } from '../format';
import { usePlace } from '../router';
import { useRemembered } from '../store';
import { Empty, Loaded } from './basics';
import { Icon } from './icons';
import { chosenLines, LEVELS, type Level, type Line, linesOf } from './log_lines';
import { visibleRange } from './rows';
import { say } from './toasts';

const ROW_HEIGHT = 18;
// Wrapped lines differ in height, so all that is shown is in the page: only the last ones.
const MOST_WRAPPED = 3000;

interface LogViewerProps {
  path: string;
  name: string;
  // What it means when the file is not there.
  absent: string;
}

function useTail(path: string, follow: boolean) {
  const [state, setState] = useState<{ path: string; tail?: Tail; error?: ApiError }>({ path });
  const [reload, setReload] = useState(0);
  const known = useRef<Tail>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a reload reads the same again
  useEffect(() => {
    known.current = undefined;
    const poll = repeat(async (signal) => {
      try {
        const tail =
          known.current === undefined ? await readTail(path, signal) : await readOn(path, known.current, signal);
        if (signal.aborted) return;
        known.current = tail;
        setState((before) => (before.tail === tail ? before : { path, tail }));
      } catch (error) {
        if (!signal.aborted)
          setState((before) => ({ ...(before.path === path ? before : { path }), error: error as ApiError }));
      }
    }, !follow);
    return () => poll.stop();
  }, [path, follow, reload]);
  const current = state.path === path;
  return {
    data: current ? state.tail : undefined,
    error: current ? state.error : undefined,
    refresh: () => setReload((number) => number + 1),
  };
}

export function LogViewer({ path, name, absent }: LogViewerProps) {
  const [follow, setFollow] = useState(true);
  const [wrap, setWrap] = useRemembered('log.wrap', false);
  const [text, setText] = useState('');
  const [levels, setLevels] = useState<Level[]>(LEVELS);
  const tail = useTail(path, follow);
  const lines = useMemo(() => linesOf(tail.data?.text ?? ''), [tail.data]);
  const shown = useMemo(() => chosenLines(lines, { text, levels }), [lines, text, levels]);
  const toggle = (level: Level) =>
    setLevels(levels.includes(level) ? levels.filter((one) => one !== level) : [...levels, level]);
  const viewer = useRef<HTMLElement>(null);
  return (
    <section class="panel log" ref={viewer}>
      <div class="panel-head">
        <div class="row">
          <h2>{name}</h2>
          {tail.data && (
            <span class="muted num">
              {plural(shown.length, 'line')}
              {tail.data.cut && ', the end of a longer file'}
            </span>
          )}
        </div>
        <div class="table-tools">
          <fieldset class="chips" aria-label="Levels" style={{ border: 0, margin: 0, padding: 0 }}>
            {LEVELS.map((level) => (
              <button
                key={level}
                type="button"
                class={`chip ${level}`}
                aria-pressed={levels.includes(level)}
                onClick={() => toggle(level)}
              >
                {level}
              </button>
            ))}
          </fieldset>
          <input
            class="input small"
            type="search"
            placeholder="Search"
            aria-label={`Search ${name}`}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <label class="check">
            <input type="checkbox" checked={wrap} onChange={(event) => setWrap(event.currentTarget.checked)} /> Wrap
          </label>
          <label class="check">
            <input type="checkbox" checked={follow} onChange={(event) => setFollow(event.currentTarget.checked)} />{' '}
            Follow
          </label>
          <button
            type="button"
            class="button small icon"
            aria-label="Full screen"
            title="Full screen"
            onClick={() => viewer.current?.requestFullscreen?.()}
          >
            <Icon name="fit" size={14} />
          </button>
          <button type="button" class="button small" onClick={tail.refresh}>
            <Icon name="refresh" size={14} /> Reload
          </button>
          <button
            type="button"
            class="button small"
            onClick={() => download(path, name).catch((error: Error) => say('bad', error.message))}
          >
            <Icon name="download" size={14} /> Download
          </button>
        </div>
      </div>
      <Loaded from={tail} absent={absent}>
        {() =>
          shown.length === 0 ? (
            <Empty>{lines.length === 0 ? 'The file is empty.' : 'No line matches.'}</Empty>
          ) : (
            <Lines lines={shown} wrap={wrap} follow={follow} search={text} />
          )
        }
      </Loaded>
    </section>
  );
}

function Lines({ lines, wrap, follow, search }: { lines: Line[]; wrap: boolean; follow: boolean; search: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const atEnd = useRef(true);
  const linked = Number(/^#L(\d+)$/.exec(usePlace().hash)?.[1] ?? 0);
  // Listens before the effects below scroll.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const update = () => {
      setTop(element.scrollTop);
      setHeight(element.clientHeight);
      atEnd.current = element.scrollTop + element.clientHeight >= element.scrollHeight - ROW_HEIGHT;
    };
    element.addEventListener('scroll', update, { passive: true });
    return () => element.removeEventListener('scroll', update);
  }, []);
  // A link to a line wins; else the end is kept in view, until somebody scrolls away from it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only once per link
  useLayoutEffect(() => {
    const at = lines.findIndex((line) => line.number === linked);
    if (at >= 0) scroller.current?.scrollTo({ top: Math.max(0, (at - 5) * ROW_HEIGHT) });
    atEnd.current = at < 0;
  }, [linked]);
  // Before the next scroll event, which would take the old position in the longer list for a person's choice.
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are what moves the end
  useLayoutEffect(() => {
    if (follow && atEnd.current) scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  }, [lines, follow]);
  const range = wrap
    ? { first: Math.max(0, lines.length - MOST_WRAPPED), last: lines.length }
    : visibleRange(lines.length, top, height, ROW_HEIGHT, 20);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class={`log-lines ${wrap ? 'wrap' : ''}`} ref={scroller} tabIndex={0} aria-label="Lines">
      <div style={wrap ? {} : { height: `${lines.length * ROW_HEIGHT}px` }}>
        <div style={wrap ? {} : { transform: `translateY(${range.first * ROW_HEIGHT}px)` }}>
          {lines.slice(range.first, range.last).map((line) => (
            <div
              key={line.number}
              id={`L${line.number}`}
              class={`log-line ${line.level ?? ''} ${line.number === linked ? 'linked' : ''}`}
            >
              <a href={`#L${line.number}`} class="log-number num" tabIndex={-1}>
                {line.number}
              </a>
              <span class="log-text">
                <Marked text={line.text} search={search} />
              </span>
            </div>
          ))}
        </div>
      </div>
    </section>
  );
}

function Marked({ text, search }: { text: string; search: string }) {
  const at = search === '' ? -1 : text.toLowerCase().indexOf(search.toLowerCase());
  if (at < 0) return <>{text}</>;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + search.length)}</mark>
      {text.slice(at + search.length)}
    </>
  );
}
