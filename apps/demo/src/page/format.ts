/** `0 B`, `1.5 KB`, `1.1 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['KB', 'MB', 'GB', 'TB'];
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  return `${amount.toFixed(amount < 10 ? 1 : 0)} ${units[power - 1]}`;
}

/** `9 s`, `2 min 5 s`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A name in a sentence: of one that is long, the beginning and the end. */
export function shortName(name: string): string {
  const signs = [...new Intl.Segmenter().segment(name)].map(({ segment }) => segment);
  return signs.length <= 60 ? name : `${signs.slice(0, 40).join('')}…${signs.slice(-16).join('')}`;
}

const moment = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

export const formatTime = (milliseconds: number): string => moment.format(milliseconds);

export const formatCount = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

/** What people call the storages. */
export const SHELF_NAMES: Readonly<Record<string, string>> = {
  fs: 'Disk',
  memory: 'Memory',
  s3: 'S3',
  gcs: 'Google Cloud',
  azure: 'Azure',
};

/** What kind of thing a file is, for its icon, its preview and the filter. */
export type Kind = 'image' | 'video' | 'audio' | 'document' | 'other';

export const KIND_NAMES: Readonly<Record<Kind, string>> = {
  image: 'Images',
  video: 'Videos',
  audio: 'Audio',
  document: 'Documents',
  other: 'Other',
};

/** Types that the server shows, and a browser can draw. */
const SHOWN_IMAGES = /^image\/(?:png|jpeg|gif|webp|avif|bmp)$/;

export function kindOf(contentType: string): Kind {
  if (SHOWN_IMAGES.test(contentType)) return 'image';
  const [type] = contentType.split('/');
  if (type === 'video' || type === 'audio') return type;
  return type === 'text' || /pdf|json|word|office|opendocument/.test(contentType) ? 'document' : 'other';
}
