import { type ByteReader, type Reading, textAt } from './byte-reader.ts';
import { type ImageFormat, type ImageHeader, shownHeader } from './image-header.ts';

const AVIF = ['avif', 'avis'];
const HEIC = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx'];
/** Properties of all items; a photo of thousands of tiles has some hundred kilobytes. */
const MOST_BYTES = 4 * 1024 * 1024;

/** What is to be done with an item before it is shown. */
interface Item {
  width: number;
  height: number;
  isTurned: boolean;
}

/**
 * The primary item's size, cut and turned as its properties say.
 *
 * @param brands the first box's content.
 * @see ISO/IEC 23008-12, section 6; AVIF: https://aomediacodec.github.io/av1-avif/
 */
export function* heifHeader(reader: ByteReader, brands: DataView): Reading<ImageHeader | undefined> {
  const format = formatOf(brands);
  if (!format) return undefined;
  for (;;) {
    const box = yield* nextBox(reader);
    if (!box) return undefined;
    if (box.type === 'meta') return yield* primaryOf(reader, box.length, format);
    yield* reader.skip(box.length);
  }
}

/** Whether a file is of the family by its first box, whatever its images are. */
export function isHeif(beginning: Uint8Array): boolean {
  const view = new DataView(beginning.buffer, beginning.byteOffset, beginning.byteLength);
  if (view.byteLength < 16 || textAt(view, 4, 4) !== 'ftyp') return false;
  const end = Math.min(view.getUint32(0), view.byteLength);
  return (
    end >= 16 && formatOf(new DataView(beginning.buffer, beginning.byteOffset + 8, end - 8)) !== undefined
  );
}

function formatOf(brands: DataView): ImageFormat | undefined {
  const names = Array.from({ length: Math.floor(brands.byteLength / 4) }, (_, at) =>
    at === 1 ? '' : textAt(brands, at * 4, 4),
  );
  if (names.some(name => AVIF.includes(name))) return 'avif';
  return names.some(name => HEIC.includes(name)) ? 'heic' : undefined;
}

function* primaryOf(
  reader: ByteReader,
  length: number,
  format: ImageFormat,
): Reading<ImageHeader | undefined> {
  const end = reader.position + length;
  yield* reader.skip(4); // version and flags
  let primary: number | undefined;
  let properties: DataView | undefined;
  while (reader.position < end && (primary === undefined || !properties)) {
    const box = yield* nextBox(reader);
    if (!box || reader.position + box.length > end) return undefined;
    if (box.type === 'pitm' && box.length >= 6) {
      const view = yield* reader.takeUpTo(box.length, 8);
      primary = view.getUint8(0) === 0 ? view.getUint16(4) : view.byteLength < 8 ? 0 : view.getUint32(4);
    } else if (box.type === 'iprp' && box.length <= MOST_BYTES) properties = yield* reader.take(box.length);
    else yield* reader.skip(box.length);
  }
  const item = properties && primary !== undefined && itemOf(properties, primary);
  if (!item) return undefined;
  return shownHeader(format, item.width, item.height, item.isTurned ? 6 : 1);
}

interface BoxHeader {
  readonly type: string;
  /** Of what is in it. */
  readonly length: number;
}

function* nextBox(reader: ByteReader): Reading<BoxHeader | undefined> {
  const header = yield* reader.take(8);
  const type = textAt(header, 4, 4);
  const length = header.getUint32(0);
  if (length !== 1) return length >= 8 ? { type, length: length - 8 } : undefined;
  const large = Number((yield* reader.take(8)).getBigUint64(0));
  return large >= 16 && Number.isSafeInteger(large) ? { type, length: large - 16 } : undefined;
}

/** Boxes that are in memory. */
function* boxesIn(view: DataView): Generator<{ readonly type: string; readonly content: DataView }> {
  for (let at = 0; at + 8 <= view.byteLength; ) {
    const length = view.getUint32(at);
    if (length < 8 || at + length > view.byteLength) return;
    yield {
      type: textAt(view, at + 4, 4),
      content: new DataView(view.buffer, view.byteOffset + at + 8, length - 8),
    };
    at += length;
  }
}

function itemOf(properties: DataView, id: number): Item | undefined {
  const boxes = [...boxesIn(properties)];
  const container = boxes.find(({ type }) => type === 'ipco');
  if (!container) return undefined;
  const all = [...boxesIn(container.content)];
  const item: Item = { width: 0, height: 0, isTurned: false };
  for (const { type, content } of boxes)
    if (type === 'ipma') for (const index of associated(content, id)) apply(item, all[index - 1]);
  return item.width > 0 ? item : undefined;
}

function apply(
  item: Item,
  property: { readonly type: string; readonly content: DataView } | undefined,
): void {
  const { type, content } = property ?? {};
  if (!content) return;
  if (type === 'ispe' && content.byteLength >= 12) {
    item.width = content.getUint32(4);
    item.height = content.getUint32(8);
  } else if (type === 'clap' && content.byteLength >= 16) {
    item.width = Math.round(content.getUint32(0) / content.getUint32(4)) || 0;
    item.height = Math.round(content.getUint32(8) / content.getUint32(12)) || 0;
  } else if (type === 'irot' && content.byteLength >= 1) item.isTurned = (content.getUint8(0) & 1) === 1;
}

/** Which properties an item has, counted from 1. */
function associated(content: DataView, id: number): number[] {
  if (content.byteLength < 8) return [];
  const [isLong, isWide] = [content.getUint8(0) > 0, (content.getUint8(3) & 1) === 1];
  const count = content.getUint32(4);
  let at = 8;
  const has = (bytes: number): boolean => at + bytes <= content.byteLength;
  for (let entry = 0; entry < count && has(isLong ? 5 : 3); entry++) {
    const item = isLong ? content.getUint32(at) : content.getUint16(at);
    at += isLong ? 4 : 2;
    const length = content.getUint8(at++);
    const width = isWide ? 2 : 1;
    if (!has(length * width)) return [];
    if (item === id)
      return Array.from({ length }, (_, index) =>
        isWide ? content.getUint16(at + index * 2) & 0x7fff : content.getUint8(at + index) & 0x7f,
      );
    at += length * width;
  }
  return [];
}
