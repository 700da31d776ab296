import type { VNode } from 'preact';
import { html } from '../html.ts';

interface ChartPoint {
  readonly x: number;
  readonly y: number;
}

interface ChartProps {
  readonly points: readonly ChartPoint[];
  readonly maxX: number;
  readonly maxY: number;
  /** What is drawn, for who does not see it. */
  readonly label: string;
}

const WIDTH = 300;
const HEIGHT = 110;

/** A line with the area below it. */
export function Chart({ points, maxX, maxY, label }: ChartProps): VNode {
  const line = points.map(
    ({ x, y }) =>
      `${((x / (maxX || 1)) * WIDTH).toFixed(1)},${(HEIGHT - (y / (maxY || 1)) * HEIGHT).toFixed(1)}`,
  );
  const last = line.at(-1);
  return html`
    <svg class="chart" viewBox=${`0 -4 ${WIDTH} ${HEIGHT + 8}`} role="img" aria-label=${label}>
      ${[0, 0.5, 1].map(part => html`<path class="grid" d=${`M0 ${HEIGHT * part}H${WIDTH}`} />`)}
      ${
        last &&
        html`
          <path class="area" d=${`M0,${HEIGHT}L${line.join('L')}L${last.split(',')[0]},${HEIGHT}Z`} />
          <path class="line" d=${`M${line.join('L')}`} />
        `
      }
    </svg>
  `;
}
