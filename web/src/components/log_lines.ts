// What a log viewer does with lines.

export type Level = 'error' | 'warning' | 'info' | 'debug';
export const LEVELS: Level[] = ['error', 'warning', 'info', 'debug'];

const WORDS: [RegExp, Level][] = [
  [/\b(FATAL|ERROR|CRITICAL|error|critical|fatal)\b/, 'error'],
  [/\b(WARN|WARNING|warning|warn)\b/, 'warning'],
  [/\b(INFO|info)\b/, 'info'],
  [/\b(DEBUG|TRACE|debug|trace)\b/, 'debug'],
];

// The level is named early in a line; a message that merely says "error" is not one.
export function levelOf(line: string): Level | undefined {
  const head = line.slice(0, 60);
  for (const [word, level] of WORDS) {
    if (word.test(head)) return level;
  }
  return undefined;
}

export interface Line {
  number: number;
  text: string;
  level: Level | undefined;
}

// Lines without a level of their own (a stack) belong to the one before.
export function linesOf(text: string, firstNumber = 1): Line[] {
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  let level: Level | undefined;
  return lines.map((line, i) => {
    level = levelOf(line) ?? level;
    return { number: firstNumber + i, text: line.replace(/\r$/, ''), level };
  });
}

export interface LineFilter {
  text: string;
  levels: Level[];
}

export function chosenLines(lines: Line[], filter: LineFilter): Line[] {
  const wanted = filter.text.toLowerCase();
  const all = filter.levels.length === LEVELS.length;
  if (wanted === '' && all) return lines;
  return lines.filter(
    (line) =>
      (all || line.level === undefined || filter.levels.includes(line.level)) &&
      (wanted === '' || line.text.toLowerCase().includes(wanted)),
  );
}
