// Dark or light: as the system has it, or as the reader chose.

import { createStore, recall } from './store';

export type Theme = 'system' | 'light' | 'dark';

const wantsDark = matchMedia('(prefers-color-scheme: dark)');
export const theme = createStore<Theme>(recall<Theme>('theme', 'system'));
// Counts changes, so that what draws on a canvas draws again.
export const themeChanges = createStore(0);

function apply() {
  const chosen = theme.get();
  const dark = chosen === 'dark' || (chosen === 'system' && wantsDark.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  themeChanges.set(themeChanges.get() + 1);
}

export function startTheme() {
  apply();
  wantsDark.addEventListener('change', apply);
}

export function chooseTheme(next: Theme) {
  theme.set(next);
  try {
    localStorage.setItem('weir.theme', JSON.stringify(next));
  } catch {
    // The choice lasts as long as the page.
  }
  apply();
}

// The value of a colour, for what cannot use CSS.
export const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
