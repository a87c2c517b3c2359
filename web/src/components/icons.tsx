// Line icons, drawn on a 20 px grid.

const PATHS = {
  overview: 'M3 3h6v6H3zM11 3h6v4h-6zM11 10h6v7h-6zM3 12h6v5H3z',
  jobs: 'M4 5h3v4H4zM13 4h3v4h-3zM13 12h3v4h-3zM7 7h3v-1h3M10 7v7h3',
  nodes: 'M3 4h14v5H3zM3 11h14v5H3zM6 6.5h.01M6 13.5h.01',
  manager: 'M10 3l6 2.5v4c0 4-2.6 6.6-6 7.5-3.4-.9-6-3.5-6-7.5v-4zM7.5 10l2 2 3.5-3.5',
  submit: 'M10 13V4M6.5 7L10 3.5 13.5 7M3.5 12v4.5h13V12',
  search: 'M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM13 13l4 4',
  sun: 'M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.4 4.4l1 1M14.6 14.6l1 1M4.4 15.6l1-1M14.6 5.4l1-1',
  moon: 'M16.5 11.5A7 7 0 0 1 8.5 3.5a6.8 6.8 0 1 0 8 8z',
  screen: 'M3 4h14v9H3zM7 16.5h6M10 13v3.5',
  close: 'M5 5l10 10M15 5L5 15',
  plus: 'M10 4v12M4 10h12',
  minus: 'M4 10h12',
  fit: 'M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4',
  refresh: 'M16 10a6 6 0 1 1-1.8-4.3M16 3v3.5h-3.5',
  download: 'M10 3v9M6.5 8.5L10 12l3.5-3.5M3.5 13v3.5h13V13',
  warning: 'M10 3l8 14H2zM10 8v4M10 14.5h.01',
  check: 'M4 10.5l4 4 8-9',
  failed: 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM7.5 7.5l5 5M12.5 7.5l-5 5',
  info: 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM10 9v5M10 6.5h.01',
  trash: 'M4 6h12M8 6V4h4v2M5.5 6l.8 11h7.4l.8-11M8.5 9v5M11.5 9v5',
  columns: 'M3 4h14v12H3zM8 4v12M12.5 4v12',
  next: 'M7.5 4.5L13 10l-5.5 5.5',
  down: 'M4.5 7.5L10 13l5.5-5.5',
  link: 'M8.5 11.5l3-3M7 9l-2 2a2.8 2.8 0 0 0 4 4l2-2M13 11l2-2a2.8 2.8 0 0 0-4-4L9 7',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Logo() {
  return (
    <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#0b6b78" />
      <g fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round">
        <path d="M5 10c3 0 3 2 5.5 2s2.5-2 5.5-2 3 2 5.5 2 2.5-2 5.5-2" />
        <path d="M9 17v8M16 17v8M23 17v8" />
      </g>
    </svg>
  );
}
