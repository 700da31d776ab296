import type { UploadInPieces } from '@fieldfile/core/resumable';
import { look } from '../resumable/append.ts';
import type { UploadBody } from '../resumable/incoming.ts';
import type { Progress } from '../resumable/progress.ts';
import { knownUpload } from './known-upload.ts';
import type { TusSettings } from './options.ts';
import { malformed } from './tus-refusal.ts';

/** What `Upload-Concat` says of an upload: it is a piece of another one, or made of pieces. */
export type Concatenation =
  | { readonly kind: 'piece' }
  | { readonly kind: 'whole'; readonly addresses: readonly string[] };

/** @throws 400. */
export function concatenationIn(headers: Headers): Concatenation | undefined {
  const text = headers.get('Upload-Concat')?.trim();
  if (text === undefined) return undefined;
  if (text === 'partial') return { kind: 'piece' };
  const [kind, list = '', ...rest] = text.split(';');
  const addresses = list.split(' ').filter(address => address !== '');
  if (kind !== 'final' || rest.length > 0 || addresses.length === 0)
    throw malformed('Upload-Concat is "partial", or "final;" and the addresses of the pieces');
  if (headers.has('Upload-Length') || headers.has('Upload-Defer-Length'))
    throw malformed('An upload that is made of others has the length of these');
  return { kind: 'whole', addresses };
}

/** A piece that has come. */
export interface Piece {
  readonly upload: UploadInPieces;
  readonly progress: Progress;
}

/** The pieces at these addresses, of the same user. @throws 400 for one that is not whole, or none; 404, 410. */
export async function piecesAt(
  settings: TusSettings,
  addresses: readonly string[],
  user: string,
): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (const address of addresses) {
    const token = tokenAt(settings, address);
    if (token === undefined) throw malformed('One of the pieces is no upload of here');
    const upload = knownUpload(settings, token, user);
    if (!upload.isPiece) throw malformed('One of the pieces is an upload of its own');
    const progress = await look(upload);
    if (!progress.isComplete) throw malformed('One of the pieces has not come yet');
    pieces.push({ upload, progress });
  }
  return pieces;
}

export const sizeOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((bytes, { progress }) => bytes + progress.offset, 0);

/** The bytes of pieces, one after another. */
export function bytesOf(pieces: readonly Piece[]): UploadBody {
  let isCancelled = false;
  return {
    async *[Symbol.asyncIterator]() {
      for (const { upload } of pieces) {
        if (isCancelled) return;
        await using opened = await upload.storage.open(upload.name);
        for await (const chunk of opened.stream) {
          if (isCancelled) return;
          yield chunk;
        }
      }
    },
    async cancel() {
      isCancelled = true;
    },
  };
}

function tokenAt({ base, baseUrl }: TusSettings, address: string): string | undefined {
  const url = new URL(baseUrl, 'http://localhost');
  if (!URL.canParse(address, url.href)) return undefined;
  const { pathname } = new URL(address, url);
  const token = pathname.startsWith(base) ? pathname.slice(base.length) : '';
  return /^[\w-]+\.[\w-]+$/.test(token) ? token : undefined;
}
