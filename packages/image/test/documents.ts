import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';

export interface PdfOptions {
  readonly pages?: number;
  /** In points, 72 an inch. */
  readonly width?: number;
  readonly height?: number;
  /** What is drawn, as PDF says it. Default: a blue page. */
  readonly drawing?: string;
  /** Of the catalogue, such as a script that runs when it is opened. */
  readonly catalogue?: string;
  /** Of the trailer, such as a password. */
  readonly trailer?: string;
  /** Objects that the page may use, from number 4 on, and their names in it. */
  readonly objects?: readonly (string | Buffer)[];
  readonly resources?: string;
}

/** A PDF file. */
export function pdf(options: PdfOptions = {}): Uint8Array<ArrayBuffer> {
  const { pages = 1, width = 72, height = 144, catalogue = '', trailer = '', objects = [] } = options;
  const { drawing = `0 0 1 rg 0 0 ${width} ${height} re f`, resources = '' } = options;
  const first = 4 + objects.length;
  const kids = Array.from({ length: pages }, (_, at) => `${first + at} 0 R`).join(' ');
  const page = `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${width} ${height}]/Contents 3 0 R/Resources<<${resources}>>>>`;
  const bodies: (string | Buffer)[] = [
    `<</Type/Catalog/Pages 2 0 R${catalogue}>>`,
    `<</Type/Pages/Kids[${kids}]/Count ${pages}>>`,
    `<</Length ${drawing.length}>>stream\n${drawing}\nendstream`,
    ...objects,
    ...Array.from({ length: pages }, () => page),
  ];
  const chunks: Buffer[] = [Buffer.from('%PDF-1.7\n')];
  const places: number[] = [];
  let place = chunks[0]?.length ?? 0;
  bodies.forEach((body, at) => {
    const object = Buffer.concat([
      Buffer.from(`${at + 1} 0 obj\n`),
      Buffer.from(body as string),
      Buffer.from('\nendobj\n'),
    ]);
    places.push(place);
    chunks.push(object);
    place += object.length;
  });
  const rows = places.map(at => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  const size = bodies.length + 1;
  chunks.push(
    Buffer.from(
      `xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer\n<</Size ${size}/Root 1 0 R${trailer}>>\nstartxref\n${place}\n%%EOF\n`,
    ),
  );
  return new Uint8Array(Buffer.concat(chunks));
}

/** A page with an image that has that many pixels a side, all black: small in the file. */
export function pdfWithImage(side: number): Uint8Array<ArrayBuffer> {
  const zeros = deflateSync(Buffer.alloc(side * side * 3), { level: 9 });
  const head = `<</Type/XObject/Subtype/Image/Width ${side}/Height ${side}/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode/Length ${zeros.length}>>stream\n`;
  return pdf({
    drawing: 'q 72 0 0 144 0 0 cm /I Do Q',
    objects: [Buffer.concat([Buffer.from(head), zeros, Buffer.from('\nendstream')])],
    resources: '/XObject<</I 4 0 R>>',
  });
}

/** A password that nobody knows. */
export const ENCRYPTED: PdfOptions = {
  trailer: `/ID[<00><00>]/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4/O<${'5a'.repeat(32)}>/U<${'a5'.repeat(32)}>>>`,
};

export type VideoFormat = 'mp4' | 'mov' | 'webm' | 'matroska' | 'avi' | 'ogg' | 'mpegts';

export interface VideoOptions {
  readonly format?: VideoFormat;
  readonly seconds?: number;
  readonly width?: number;
  readonly height?: number;
  /** Arguments for ffmpeg's output. */
  readonly more?: readonly string[];
}

let counter = 0;

/** A video that ffmpeg makes in that folder. */
export function video(folder: string, options: VideoOptions = {}): Uint8Array<ArrayBuffer> {
  const { format = 'mp4', seconds = 2, width = 64, height = 48, more = [] } = options;
  const path = join(folder, `made-${counter++}`);
  const source = `color=blue:size=${width}x${height}:rate=10:duration=${seconds}`;
  const codec = format === 'webm' ? ['-c:v', 'libvpx'] : ['-pix_fmt', 'yuv420p'];
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', source, ...codec, ...more, '-f', format, path]);
  return new Uint8Array(readFileSync(path));
}

/** An MP4 file without pictures. */
export function sound(folder: string): Uint8Array<ArrayBuffer> {
  const path = join(folder, `made-${counter++}`);
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=1', '-f', 'mp4', path]);
  return new Uint8Array(readFileSync(path));
}

/** The same video, to be shown turned by 90 degrees. */
export function turned(video: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(video);
  const matrix = bytes.indexOf('tkhd') + 44;
  for (const [at, value] of [0, 0x1_0000, 0, 0xffff_0000, 0, 0, 0, 0, 0x4000_0000].entries())
    bytes.writeUInt32BE(value, matrix + at * 4);
  return new Uint8Array(bytes);
}

/** Whether a program is installed that previews need. */
export function isInstalled(command: string): boolean {
  try {
    execFileSync('which', [command], { stdio: 'ignore' });
    return true;
  } catch {
    console.log(`Left out: ${command} is not installed.`);
    return false;
  }
}
