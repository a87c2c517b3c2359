// What a state means to an operator: which of the four meanings it has, and whether it may still change.

export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'accent' | 'none';

const TONES: Record<string, Tone> = {
  RUNNING: 'ok',
  FINISHED: 'accent',
  COMPLETED: 'ok',
  FAILED: 'bad',
  FAILING: 'bad',
  RESTARTING: 'warn',
  SUSPENDED: 'warn',
  CANCELLING: 'warn',
  CANCELING: 'warn',
  CANCELED: 'none',
  IN_PROGRESS: 'accent',
  INITIALIZING: 'accent',
  DEPLOYING: 'accent',
  SCHEDULED: 'accent',
  RECONCILING: 'warn',
};

export const toneOf = (state: string): Tone => TONES[state.toUpperCase()] ?? 'none';

const MOVING = new Set([
  'FAILING',
  'RESTARTING',
  'CANCELLING',
  'CANCELING',
  'IN_PROGRESS',
  'INITIALIZING',
  'DEPLOYING',
]);
export const isMoving = (state: string) => MOVING.has(state.toUpperCase());

const ENDED = new Set(['FINISHED', 'CANCELED', 'FAILED']);
export const hasEnded = (state: string) => ENDED.has(state.toUpperCase());

// RUNNING -> "running"
export const wordOf = (state: string) => state.toLowerCase().replace(/_/g, ' ');

// In the order in which a task passes them.
export const TASK_STATES = [
  'CREATED',
  'SCHEDULED',
  'DEPLOYING',
  'INITIALIZING',
  'RUNNING',
  'FINISHED',
  'CANCELING',
  'CANCELED',
  'FAILED',
  'RECONCILING',
];
