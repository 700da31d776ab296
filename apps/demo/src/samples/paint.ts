import { crc32, deflateSync } from 'node:zlib';

type Colour = readonly [red: number, green: number, blue: number];

/** A landscape: a sky that goes from one colour to another, a sun, and hills one behind the other. */
export interface Scene {
  readonly title: string;
  readonly sky: readonly [top: Colour, bottom: Colour];
  readonly sun: { readonly x: number; readonly y: number; readonly radius: number; readonly colour: Colour };
  readonly hills: readonly [far: Colour, near: Colour];
  readonly seed: number;
}

export const SCENES: readonly Scene[] = [
  {
    title: 'Morning over the fjord',
    sky: [
      [68, 98, 150],
      [252, 205, 170],
    ],
    sun: { x: 0.68, y: 0.5, radius: 0.07, colour: [255, 240, 214] },
    hills: [
      [143, 134, 165],
      [32, 45, 71],
    ],
    seed: 3,
  },
  {
    title: 'Dunes',
    sky: [
      [247, 214, 166],
      [251, 238, 214],
    ],
    sun: { x: 0.25, y: 0.28, radius: 0.09, colour: [255, 252, 240] },
    hills: [
      [226, 164, 104],
      [122, 58, 42],
    ],
    seed: 11,
  },
  {
    title: 'Northern night',
    sky: [
      [10, 16, 44],
      [38, 92, 110],
    ],
    sun: { x: 0.78, y: 0.22, radius: 0.035, colour: [238, 242, 255] },
    hills: [
      [30, 72, 88],
      [6, 12, 26],
    ],
    seed: 23,
  },
  {
    title: 'Green valley',
    sky: [
      [120, 186, 222],
      [226, 240, 236],
    ],
    sun: { x: 0.5, y: 0.2, radius: 0.06, colour: [255, 253, 226] },
    hills: [
      [150, 190, 158],
      [28, 74, 52],
    ],
    seed: 31,
  },
  {
    title: 'غروب الشمس', // right-to-left, as people's names of files are
    sky: [
      [74, 38, 92],
      [248, 132, 92],
    ],
    sun: { x: 0.42, y: 0.55, radius: 0.11, colour: [255, 214, 132] },
    hills: [
      [150, 66, 96],
      [34, 14, 44],
    ],
    seed: 47,
  },
];

const WIDTH = 960;
const HEIGHT = 640;
const LAYERS = 6;

/** A scene as a PNG, the same each time. */
export function paint(scene: Scene): Uint8Array {
  const rows = Buffer.alloc(HEIGHT * (1 + WIDTH * 3));
  const ridges = Array.from({ length: LAYERS }, (_, layer) =>
    Float64Array.from({ length: WIDTH }, (_, x) => ridge(x / WIDTH, layer, scene.seed)),
  );
  for (let y = 0, at = 0; y < HEIGHT; y++) {
    rows[at++] = 0; // no filter
    for (let x = 0; x < WIDTH; x++)
      for (const part of colourAt(x, y / HEIGHT, ridges, scene)) rows[at++] = part;
  }
  return png(rows);
}

function colourAt(x: number, y: number, ridges: readonly Float64Array[], { sky, sun, hills }: Scene): Colour {
  for (let layer = LAYERS - 1; layer >= 0; layer--) {
    const depth = y - (ridges[layer]?.[x] ?? 1);
    if (depth > 0) return mix(mix(...hills, layer / (LAYERS - 1)), sky[1], Math.max(0, 0.25 - depth * 1.4));
  }
  const distance = Math.hypot((x / WIDTH - sun.x) * (WIDTH / HEIGHT), y - sun.y);
  const glow = distance < sun.radius ? 1 : Math.exp(-(distance - sun.radius) * 7) * 0.65;
  return mix(mix(...sky, y * 1.25), sun.colour, glow);
}

/** Where the hills of a layer begin, as a share of the height. */
function ridge(x: number, layer: number, seed: number): number {
  let height = 0;
  for (let octave = 0; octave < 5; octave++) {
    const frequency = 1.7 * 2 ** octave * (1 + layer * 0.13);
    height += Math.sin(x * frequency * 2.3 + seed * (octave + 1) + layer * 7.1) / 1.9 ** (octave + 1);
  }
  return 0.5 + layer * 0.085 - height * (0.11 - layer * 0.009);
}

const mix = (one: Colour, other: Colour, share: number): Colour => {
  const part = Math.min(1, Math.max(0, share));
  const at = (index: 0 | 1 | 2): number => Math.round(one[index] + (other[index] - one[index]) * part);
  return [at(0), at(1), at(2)];
};

function png(rows: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([8, 2, 0, 0, 0], 8); // eight bits each of red, green and blue
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.byteLength);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
