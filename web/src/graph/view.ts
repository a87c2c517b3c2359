// The window onto a drawing: where it is and how large. Pure, so that zooming can be tested.

export interface View {
  x: number;
  y: number;
  scale: number;
}

export const MIN_SCALE = 0.2;
export const MAX_SCALE = 1.6;

// The whole drawing in the middle, never larger than life.
export function fitInto(drawing: { width: number; height: number }, window: { width: number; height: number }): View {
  if (drawing.width === 0 || window.width === 0) return { x: 0, y: 0, scale: 1 };
  const scale = Math.max(Math.min(window.width / drawing.width, window.height / drawing.height, 1), MIN_SCALE);
  return {
    x: Math.max((window.width - drawing.width * scale) / 2, 0),
    y: (window.height - drawing.height * scale) / 2,
    scale,
  };
}

// Larger or smaller around a point of the window, which stays where it is.
export function zoom(view: View, factor: number, at: { x: number; y: number }): View {
  const scale = Math.min(Math.max(view.scale * factor, MIN_SCALE), MAX_SCALE);
  const change = scale / view.scale;
  return { x: at.x - (at.x - view.x) * change, y: at.y - (at.y - view.y) * change, scale };
}

// The least move that brings a box into the window.
export function reveal(
  view: View,
  box: { x: number; y: number; width: number; height: number },
  window: { width: number; height: number },
): View {
  const margin = 16;
  const move = (at: number, size: number, room: number) => {
    if (at < margin) return margin - at;
    return at + size > room - margin ? Math.max(room - margin - size - at, margin - at) : 0;
  };
  return {
    ...view,
    x: view.x + move(view.x + box.x * view.scale, box.width * view.scale, window.width),
    y: view.y + move(view.y + box.y * view.scale, box.height * view.scale, window.height),
  };
}
