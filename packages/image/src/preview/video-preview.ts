import { rm } from 'node:fs/promises';
import { isHeif } from '../header/heif.ts';
import { AtATime } from '../processor/at-a-time.ts';
import { findTool } from './find-tool.ts';
import type { Preview } from './preview.ts';
import { nothingDrawn, runTool, THE_FILE } from './run-tool.ts';
import { amount, type PreviewLimits, previewLimits } from './tool-limits.ts';

export interface VideoPreviewOptions extends PreviewLimits {
  /** The frame of this time is drawn, in seconds; of a shorter video the first one. 0: the first one of all. Default: 1. */
  readonly atSeconds?: number;
  /** The longer side of the frame that is drawn, in pixels. What is made of it is never larger. Default: 1600. */
  readonly side?: number;
  /** Pixels of the video's frames. Default: 50 million. */
  readonly maxPixels?: number;
  /** ffmpeg, or its path. Default: `'ffmpeg'`, wherever it is installed. */
  readonly command?: string;
}

const GIB = 1024 ** 3;

/**
 * Draws a frame of a video with ffmpeg (`apt install ffmpeg`): of MP4, QuickTime, WebM, Matroska, AVI, Ogg and MPEG-TS.
 * ffmpeg is told which of them the file is, and opens nothing else: no playlist, no other file, no address. On Linux and macOS.
 *
 * @throws `invalid-argument` for a limit that is none.
 */
export function videoPreview(options: VideoPreviewOptions = {}): Preview {
  const { command = 'ffmpeg', atSeconds = 1 } = options;
  const limits = previewLimits(options, 'videoPreview', { maxInputBytes: 2 * GIB });
  const side = amount(options.side ?? 1600, 'videoPreview: side');
  const maxPixels = amount(options.maxPixels ?? 50_000_000, 'videoPreview: maxPixels');
  if (atSeconds !== 0) amount(atSeconds, 'videoPreview: atSeconds');
  const jobs = new AtATime(limits.concurrency);
  return {
    isOf: beginning => containerOf(beginning) !== undefined,
    draw: ({ input, output, beginning, signal }) =>
      jobs.run(async () => {
        const program = await findTool(command, 'apt install ffmpeg');
        for (const seconds of new Set([atSeconds, 0])) {
          const args = frameOf(containerOf(beginning) ?? 'mov', seconds, { side, maxPixels });
          if (await runTool({ program, args, input, output, limits, signal })) return;
          await rm(output); // it is shorter
        }
        throw nothingDrawn(program);
      }),
  };
}

/** The demuxer, as ffmpeg calls it: left to itself it would look into the file, and believe a playlist. */
type Container = 'mov' | 'matroska' | 'avi' | 'ogg' | 'mpegts';

/** First boxes of QuickTime's family. Images are in it, too. */
const BOXES: readonly string[] = ['ftyp', 'moov', 'mdat', 'wide'];

function containerOf(beginning: Uint8Array): Container | undefined {
  const bytes = Buffer.from(beginning.buffer, beginning.byteOffset, beginning.byteLength);
  const text = (start: number, end: number): string => bytes.toString('latin1', start, end);
  if (bytes.toString('hex', 0, 4) === '1a45dfa3') return 'matroska';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'AVI ') return 'avi';
  if (text(0, 4) === 'OggS') return 'ogg';
  if (isTransportStream(bytes)) return 'mpegts';
  return BOXES.includes(text(4, 8)) && !isHeif(beginning) ? 'mov' : undefined;
}

const SYNC = 0x47;
const PACKETS = 8;

/** Packets of one length that each begin with the same byte; cameras put four bytes before each. */
function isTransportStream(bytes: Uint8Array): boolean {
  return [
    [0, 188],
    [4, 192],
  ].some(([first = 0, length = 0]) =>
    Array.from({ length: PACKETS }, (_, at) => bytes[first + at * length]).every(byte => byte === SYNC),
  );
}

interface FrameLimits {
  readonly side: number;
  readonly maxPixels: number;
}

function frameOf(container: Container, seconds: number, { side, maxPixels }: FrameLimits): string[] {
  // Pixels that are no squares are made squares.
  const filters = [
    `scale=w='min(iw,${side})':h='min(ih,${side})':force_original_aspect_ratio=decrease`,
    `scale=w='max(1,min(iw*sar,${2 * side}))':h=ih`,
    'setsar=1',
  ];
  const from = seconds > 0 ? ['-ss', `${seconds}`] : [];
  // Sought beyond its end, an Ogg file would be at its last frame: its frames are passed over, one after the other.
  const isSought = container !== 'ogg';
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error'],
    ...['-protocol_whitelist', 'file', '-f', container, '-max_pixels', `${maxPixels}`, '-threads', '1'],
    ...(isSought ? from : []),
    ...[
      '-i',
      `file:${THE_FILE}`,
      ...(isSought ? [] : from),
      '-map',
      '0:v:0',
      '-frames:v',
      '1',
      '-filter_threads',
      '1',
    ],
    ...['-vf', filters.join(','), '-c:v', 'png', '-f', 'image2pipe', 'pipe:1'],
  ];
}
