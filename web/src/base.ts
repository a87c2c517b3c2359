// Where the UI and the API are: "" or the prefix that a proxy puts before both ("/weir").

// This file is part of <prefix>/assets/<name>.js; while developing, of /src/base.ts.
export function prefixOf(script: string): string {
  const { pathname } = new URL(script);
  const end = pathname.lastIndexOf('/assets/');
  return end < 0 ? '' : pathname.slice(0, end);
}

export const PREFIX = prefixOf(import.meta.url);
