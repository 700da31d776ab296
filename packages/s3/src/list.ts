import { type _Object, HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ListedObject, ObjectVersion } from '@fieldfile/storage';
import {
  compareUtf8,
  isObjectName,
  type ListOptions,
  type ListPage,
  type ObjectName,
  PageSizes,
  PageTokens,
} from '@fieldfile/storage/backend';
import type { Connection } from './connection.ts';
import { decodeKey, encodingOf } from './key-encoding.ts';
import { decodeMetadata } from './metadata.ts';
import { RESERVATION_BYTES } from './reservation.ts';

/** What one request lists at most. */
const MAX_KEYS = 1000;

/** Pages as they are asked for; each is one request, beside those about objects that may be reservations. */
export async function* listObjects(
  connection: Connection,
  options: ListOptions,
  isOurs: (object: ListedObject) => boolean,
): AsyncGenerator<ListPage, void, undefined> {
  const { prefix, delimiter, after = '', signal } = options;
  const sizes = new PageSizes(options, MAX_KEYS);
  const call = { operation: 'list', signal };
  const tokens = new PageTokens(connection.context(call));
  let token: string | undefined;
  do {
    const page = await connection.send(
      new ListObjectsV2Command({
        Bucket: connection.bucket,
        Prefix: prefix,
        Delimiter: delimiter,
        MaxKeys: sizes.next(),
        EncodingType: 'url',
        ...(token === undefined
          ? { StartAfter: after === '' ? undefined : after }
          : { ContinuationToken: token }),
      }),
      call,
    );
    const { Contents = [], CommonPrefixes = [] } = page;
    const keys = [...Contents.map(({ Key }) => Key), ...CommonPrefixes.map(({ Prefix }) => Prefix)];
    const encoding = encodingOf(keys, page.EncodingType);
    const listed = Contents.flatMap(object => listedObject(object, encoding)).filter(
      object => !isOurs(object),
    );
    const objects = await withoutReservations(connection, listed, signal);
    const folders = CommonPrefixes.map(({ Prefix }) => decodeKey(Prefix, encoding))
      // The folder of `after` is told again as long as something in it comes after that.
      .filter(folder => compareUtf8(folder, after) > 0 && isObjectName(folder.slice(0, -1)));
    if (objects.length + folders.length > 0) yield { objects, folders };
    token = tokens.next(page.IsTruncated ? page.NextContinuationToken : undefined);
  } while (token !== undefined);
}

function listedObject(
  { Key, Size, LastModified, ETag }: _Object,
  encoding: string | undefined,
): ListedObject[] {
  const name = decodeKey(Key, encoding);
  if (!isObjectName(name)) return [];
  return [
    {
      name,
      ...(Size === undefined ? {} : { sizeBytes: Size }),
      ...(LastModified === undefined ? {} : { lastModified: inSeconds(LastModified) }),
      ...(ETag === undefined ? {} : { version: ETag as ObjectVersion }),
    },
  ];
}

/** Some list fractions of a second that no other answer has. */
const inSeconds = (date: Date): Date => new Date(Math.floor(date.getTime() / 1000) * 1000);

/** Asks about the few objects that have a reservation's size. */
async function withoutReservations(
  connection: Connection,
  listed: readonly ListedObject[],
  signal: AbortSignal | undefined,
): Promise<readonly ListedObject[]> {
  const suspects = listed.filter(({ sizeBytes }) => sizeBytes === RESERVATION_BYTES).map(({ name }) => name);
  if (suspects.length === 0) return listed;
  const absent = new Set<ObjectName>();
  const queue = suspects.values();
  const worker = async (): Promise<void> => {
    for (const name of queue) {
      const command = new HeadObjectCommand({ Bucket: connection.bucket, Key: name });
      const head = await connection.sendIfThere(command, { operation: 'list', name, signal });
      if (!head || decodeMetadata(head.Metadata).isReservation) absent.add(name);
    }
  };
  await Promise.all(Array.from({ length: Math.min(8, suspects.length) }, worker));
  return listed.filter(({ name }) => !absent.has(name));
}
