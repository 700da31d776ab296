import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { Storage } from '@fieldfile/core';
import { recover } from '@fieldfile/core/journal';
import { compare, type Differences } from './compare.ts';
import { Documents } from './documents.ts';
import { Random } from './random.ts';
import { type Harm, Replicas } from './replicas.ts';
import { UploadClient } from './upload-client.ts';
import { BUCKET, openBackend, openDatabase, openJournal, type StoragePlace, type World } from './world.ts';

export interface AbandonOptions {
  readonly world: World;
  /** Uploads that clients begin, at the least: it goes on until there was enough of everything. */
  readonly uploads: number;
  /** Servers and recovering processes that are killed, at the least. */
  readonly kills: number;
  /** Of them that sleep for a while, at the least. */
  readonly stops: number;
  /** Connections that break, at the least. */
  readonly cuts: number;
  readonly seed: number;
  readonly onProgress?: (done: AbandonCounts) => void;
}

interface AbandonCounts extends Harm {
  readonly uploads: number;
  readonly cuts: number;
  /** Rows of which a client was told. */
  readonly acknowledged: number;
}

export interface AbandonReport extends Differences, AbandonCounts {
  /** Of the journal. */
  readonly left: readonly string[];
  /** What is on the storage and is no object: staged files, parts, what holds names. */
  readonly others: readonly string[];
}

const KEEP_SECONDS = 8;
const PART_BYTES = 5 * 1024 ** 2;
const LANES = 8;

/**
 * Claims and uploads in pieces whose clients give up, whose connections break, and whose servers are killed or sleep. Once their
 * time is over, nothing but the rows' objects may be left.
 */
export async function abandon(options: AbandonOptions): Promise<AbandonReport> {
  const { world, seed } = options;
  const random = new Random(seed);
  const acknowledged: string[] = [];
  let uploads = 0;
  const clients: UploadClient[] = [];
  const counts = (harm: Harm): AbandonCounts => ({
    ...harm,
    uploads,
    cuts: clients.reduce((sum, client) => sum + client.cuts, 0),
    acknowledged: acknowledged.length,
  });
  let done: AbandonCounts;
  {
    await using replicas = await Replicas.start({
      ...{ world, servers: 3, recoverers: 1, keepSeconds: KEEP_SECONDS },
    });
    const isEnough = (): boolean => {
      const { kills, stops, cuts } = counts(replicas.harm);
      return (
        uploads >= options.uploads && kills >= options.kills && stops >= options.stops && cuts >= options.cuts
      );
    };
    const lane = async (): Promise<void> => {
      const client = new UploadClient({ random, port: () => replicas.port(random), partBytes: PART_BYTES });
      clients.push(client);
      while (!isEnough()) {
        const id = `${seed}-${uploads++}`;
        if (await client.upload(id)) acknowledged.push(id);
        options.onProgress?.(counts(replicas.harm));
      }
    };
    const harm = async (): Promise<void> => {
      while (!isEnough()) {
        await sleep(random.below(150));
        const { kills, stops } = replicas.harm;
        if (stops < options.stops * (kills / Math.max(1, options.kills)))
          await replicas.stop(random, random.below(2500));
        else await replicas.kill(random);
      }
    };
    await Promise.all([...Array.from({ length: LANES }, lane), harm(), harm(), harm()]);
    done = counts(replicas.harm);
  }
  return { ...done, ...(await remains(world, acknowledged)) };
}

/** What is left once recovery has had its time. */
async function remains(
  world: World,
  acknowledged: readonly string[],
): Promise<Differences & Pick<AbandonReport, 'left' | 'others'>> {
  await using database = await openDatabase(world);
  const journal = openJournal(world, database);
  const storage = new Storage(await openBackend(world));
  const documents = new Documents({ database, journal, storage, inspects: 'yes' });
  const deadline = performance.now() + 120_000;
  while ((await journal.entries()).length > 0 && performance.now() < deadline) {
    await recover(journal, { backOffSeconds: 0.05, maxAttempts: 1000 });
    await sleep(100);
  }
  const ids = new Set((await documents.all()).map(({ id }) => id));
  const differences = await compare(documents, storage, []);
  const objects = new Set(await Array.fromAsync(storage.list(), ({ name }) => String(name)));
  const others = async (): Promise<string[]> => (await othersOn(world)).filter(name => !objects.has(name));
  let left = await others();
  const isS3 = world.storage.kind === 's3';
  for (const until = performance.now() + PROOF_MS; isS3 && left.length > 0 && performance.now() < until; ) {
    await sleep(1000);
    await proveAgain(world);
    left = await others();
  }
  return {
    ...differences,
    lost: acknowledged.filter(id => !ids.has(id)).map(id => `row ${id} is gone`),
    left: (await journal.entries()).map(({ id, kind, state, name }) => `${kind} ${state} ${id} of ${name}`),
    others: left,
  };
}

/** What a process was proving of a bucket when it was killed goes with the next proof after half a minute. */
const PROOF_MS = 60_000;

async function proveAgain(world: World): Promise<void> {
  const storage = new Storage(await openBackend(world));
  await storage.delete(await storage.save('proof', new Blob([new Uint8Array(PART_BYTES + 1)]).stream()));
}

/** The storage's own, which stay. */
const OWN = ['root.id', 'lock.db'];

/** Where an application marks its locations. */
const MARKS = 'fieldfile-application';

async function othersOn({ storage }: World): Promise<string[]> {
  if (storage.kind === 's3') return unfinishedUploads(storage);
  const { root } = storage;
  const internal = join(root, '.fieldfile');
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() || entry.parentPath.startsWith(internal))
    .filter(({ name, parentPath }) => !OWN.includes(name) && !parentPath.endsWith(MARKS))
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1));
}

async function unfinishedUploads(place: Extract<StoragePlace, { kind: 's3' }>): Promise<string[]> {
  const client = new S3Client({
    ...{ endpoint: place.endpoint, region: 'us-east-1', forcePathStyle: true },
    credentials: { accessKeyId: place.accessKey, secretAccessKey: place.secretKey },
  });
  try {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
    return Uploads.map(({ Key, UploadId }) => `${Key} (upload ${UploadId})`);
  } finally {
    client.destroy();
  }
}
