import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { image, jpegWithMetadata, MADE_FORMATS, picture, plainImage } from './images.ts';

/** An image that somebody may send, and what becomes of it. */
export interface OddImage {
  readonly what: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether a field takes it: its header is that of an image, and of the one that its name says. */
  readonly taken: boolean;
  /** What a processor makes of it: a size, or the code of its error. */
  readonly made: string;
}

const text = (content: string): Uint8Array => Buffer.from(content, 'latin1');
const join = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
const EXTENSIONS = { jpeg: 'jpg', png: 'png', gif: 'gif', webp: 'webp', avif: 'avif', tiff: 'tiff' } as const;

/** All of them, made by code. A variant of 16 pixels within a square is asked for. */
export async function oddImages(): Promise<OddImage[]> {
  return [
    ...(await bombs()),
    ...(await truncated()),
    ...(await disguised()),
    ...(await turned()),
    ...(await unusual()),
  ];
}

/** Headers of 30,000 × 30,000 pixels, with little or nothing behind them. */
async function bombs(): Promise<OddImage[]> {
  const side = 30_000;
  const bomb = (format: string, name: string, bytes: Uint8Array, taken = true): OddImage => ({
    what: `a bomb in ${format}`,
    name,
    bytes,
    taken,
    made: 'too-large',
  });
  const jpeg = Buffer.from(await image('jpeg', { width: 64, height: 64 }));
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  jpeg.writeUInt16BE(side, frame + 5);
  jpeg.writeUInt16BE(side, frame + 7);
  const gif = Buffer.from(await image('gif'));
  gif.writeUInt16LE(side, 6);
  gif.writeUInt16LE(side, 8);
  const gifFrame = gif.indexOf(0x2c, 13 + 3 * 2 ** ((gif.readUInt8(10) & 7) + 1));
  gif.writeUInt16LE(side, gifFrame + 5);
  gif.writeUInt16LE(side, gifFrame + 7);
  const avif = Buffer.from(await image('avif'));
  const size = avif.indexOf('ispe') + 8;
  avif.writeUInt32BE(side, size);
  avif.writeUInt32BE(side, size + 4);
  const tiff = Buffer.from(await image('tiff'));
  const webp = Buffer.from(
    await sharp(await image('png'))
      .webp({ lossless: true })
      .toBuffer(),
  );
  webp.writeUInt32LE((15_999 | (15_999 << 14)) >>> 0, webp.indexOf('VP8L') + 9); // the format ends at 16,384
  return [
    bomb('JPEG', 'bomb.jpg', jpeg),
    bomb('PNG', 'bomb.png', flatPng(side, side)),
    bomb('GIF', 'bomb.gif', gif),
    bomb('AVIF', 'bomb.avif', avif),
    bomb('WebP', 'bomb.webp', webp),
    bomb('TIFF', 'bomb.tiff', withTiffSize(tiff, side)),
    { ...bomb('a line of PNG', 'line.png', flatPng(2_000_000_000, 1)), made: 'not-accepted' },
    { ...bomb('frames of GIF', 'frames.gif', await manyFrames(600)), made: '4x4' },
  ];
}

async function truncated(): Promise<OddImage[]> {
  const cut: OddImage[] = [];
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    const whole = await image(format, { width: 64, height: 64 });
    for (let tenth = 1; tenth < 10; tenth++)
      cut.push({
        what: `${format} cut off after ${tenth} tenths`,
        name: `cut.${EXTENSIONS[format]}`,
        bytes: whole.subarray(0, Math.floor((whole.length * tenth) / 10)),
        taken: true, // its header is whole
        made: 'not-accepted',
      });
  }
  return cut;
}

async function disguised(): Promise<OddImage[]> {
  const [jpeg, png, gif] = [await image('jpeg'), await image('png'), await image('gif')];
  const refused = (what: string, name: string, bytes: Uint8Array, made = 'not-accepted'): OddImage => ({
    what,
    name,
    bytes,
    taken: false,
    made,
  });
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="/etc/passwd"/></svg>';
  return [
    refused('nothing at all', 'empty.png', new Uint8Array()),
    refused('one byte', 'one.jpg', Uint8Array.of(0xff)),
    refused('text', 'text.png', text('hello')),
    refused('HTML', 'page.gif', text('<!doctype html><script>alert(1)</script>')),
    refused('SVG by the name of PNG', 'svg.png', text(svg)),
    refused('SVG with an XML declaration', 'svg.jpg', text(`<?xml version="1.0"?>${svg}`)),
    refused('SVG', 'image.svg', text(svg)),
    refused('PDF by the name of JPEG', 'page.jpg', text('%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>')),
    refused('PostScript by the name of PNG', 'page.png', text('%!PS-Adobe-3.0\nshowpage')),
    refused(
      'a program of ImageMagick',
      'image.png',
      text('push graphic-context\nfill url(https://x/)\npop graphic-context'),
    ),
    refused('PPM by the name of PNG', 'image.png', text('P6 2 2 255 aaaaaaaaaaaa')),
    refused('CSV by the name of GIF', 'table.gif', text('1,2\n3,4\n')),
    refused('BMP by the name of PNG', 'image.png', join(text('BM'), new Uint8Array(60))),
    refused('JPEG by the name of PNG', 'image.png', jpeg, '8x4'),
    refused('PNG by the name of JPEG', 'image.jpg', png, '8x4'),
    refused('GIF by the name of WebP', 'image.webp', gif, '8x4'),
    {
      what: 'GIF with a program behind it',
      name: 'image.gif',
      bytes: join(gif, text('<script>alert(1)</script>')),
      taken: true,
      made: '8x4',
    },
    {
      what: 'JPEG with an archive behind it',
      name: 'image.jpg',
      bytes: join(jpeg, text('PK\x03\x04evil')),
      taken: true,
      made: '8x4',
    },
    {
      what: 'PNG with a page behind it',
      name: 'image.png',
      bytes: join(png, text('<html></html>')),
      taken: true,
      made: '8x4',
    },
    refused('GIF that is a script', 'image.gif', text('GIF89a=1;alert(1)//'), 'not-accepted'),
  ].map(odd => (odd.what === 'GIF that is a script' ? { ...odd, taken: true } : odd)); // its header has a size
}

async function turned(): Promise<OddImage[]> {
  const all: OddImage[] = [];
  for (let orientation = 1; orientation <= 8; orientation++)
    all.push({
      what: `EXIF orientation ${orientation}`,
      name: 'photo.jpg',
      bytes: await image('jpeg', { width: 8, height: 4, orientation }),
      taken: true,
      made: orientation < 5 ? '8x4' : '4x8',
    });
  return all;
}

async function unusual(): Promise<OddImage[]> {
  const base = picture(8, 4);
  const frames = await Promise.all(['red', 'lime', 'blue'].map(colour => plainImage(8, 4, colour)));
  const animated = sharp(frames, { join: { animated: true } });
  const fine = (what: string, name: string, bytes: Uint8Array, made = '8x4'): OddImage => ({
    what,
    name,
    bytes,
    taken: true,
    made,
  });
  const plain = await Promise.all(
    MADE_FORMATS.map(async format =>
      fine(`plain ${format}`, `plain.${EXTENSIONS[format]}`, await image(format)),
    ),
  );
  return [
    ...plain,
    fine('CMYK', 'cmyk.jpg', await base.clone().toColourspace('cmyk').jpeg().toBuffer()),
    fine('CMYK in TIFF', 'cmyk.tiff', await base.clone().toColourspace('cmyk').tiff().toBuffer()),
    fine('16 bit', 'deep.png', await base.clone().toColourspace('rgb16').png().toBuffer()),
    fine('grey', 'grey.jpg', await base.clone().greyscale().jpeg().toBuffer()),
    fine('a palette', 'palette.png', await base.clone().png({ palette: true }).toBuffer()),
    fine('interlaced', 'interlaced.png', await base.clone().png({ progressive: true }).toBuffer()),
    fine('progressive', 'progressive.jpg', await base.clone().jpeg({ progressive: true }).toBuffer()),
    fine('an animation in GIF', 'animated.gif', await animated.clone().gif().toBuffer()),
    fine('an animation in WebP', 'animated.webp', await animated.clone().webp().toBuffer()),
    fine('300 KB of metadata before the size', 'long.jpg', await jpegWithMetadata(300_000)),
    fine('one pixel', 'dot.png', await image('png', { width: 1, height: 1 }), '1x1'),
    fine('a very flat image', 'flat.png', flatPng(10_000, 1), '16x1'),
    fine(
      'a profile of another colour space',
      'p3.png',
      await base.clone().withIccProfile('p3').png().toBuffer(),
    ),
  ];
}

/** PNG of one colour, in whatever size: its pixels are zeros. Only as many are there as take a few kilobytes. */
function flatPng(width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const rowBytes = 1 + Math.ceil(width / 8);
  const data = deflateSync(Buffer.alloc(Math.min(rowBytes * height, 1_000_000)));
  return join(
    text('\x89PNG\r\n\x1a\n'),
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  );
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([text(type), content]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

function withTiffSize(tiff: Buffer, side: number): Buffer {
  const directory = tiff.readUInt32LE(4);
  for (let entry = 0, at = directory + 2; entry < tiff.readUInt16LE(directory); entry++, at += 12)
    if ([256, 257].includes(tiff.readUInt16LE(at))) {
      tiff.writeUInt16LE(4, at + 2);
      tiff.writeUInt32LE(side, at + 8);
    }
  return tiff;
}

async function manyFrames(count: number): Promise<Uint8Array> {
  const frames = await Promise.all(
    Array.from({ length: count }, (_, index) => plainImage(4, 4, index % 2 === 0 ? 'red' : 'blue')),
  );
  return sharp(frames, { join: { animated: true } })
    .gif()
    .toBuffer();
}
