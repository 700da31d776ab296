import { GcsStorage } from '@fieldfile/gcs';
import { startGcsServer } from '@fieldfile/test-servers/gcs';
import { connect } from '@fieldfile/test-servers/gcs-client';
import { type CrossOrigin, crossOrigin } from './cross-origin.ts';
import { startWorld, type World } from './world.ts';

/** An application whose files are in a bucket of Google Cloud Storage. */
export interface GcsBucket extends AsyncDisposable {
  readonly world: World;
  /** What pages and the application reach the service through. Which pages may, the service says. */
  readonly gate: CrossOrigin;
  /** Objects, and sessions that were neither finished nor ended. */
  everything(): Promise<readonly string[]>;
  /** The service knows none of the sessions any more, as after a week. */
  forget(): Promise<void>;
}

/** Larger files go to a session. */
export const SESSION_ABOVE_BYTES: number = 1024 ** 2;

export async function startGcsBucket(): Promise<GcsBucket> {
  const server = await startGcsServer({ buckets: ['media'], requireAuthorization: true });
  const gate = await crossOrigin(() => server.endpoint, false);
  const client = await connect(server, undefined, gate.origin);
  await client.bucket('media').setCorsConfiguration([
    {
      ...{ origin: ['*'], method: ['PUT'], maxAgeSeconds: 60 },
      responseHeader: [
        ...['content-type', 'x-goog-meta-fieldfile-write-id', 'x-goog-if-generation-match'],
        'x-goog-content-length-range',
      ],
    },
  ]);
  const storage = new GcsStorage({ bucketName: 'media', client });
  const world = await startWorld(() => storage, { partsAboveBytes: SESSION_ABOVE_BYTES });
  return {
    ...{ world, gate },
    async everything() {
      const names = await Array.fromAsync(storage.list(), ({ name }) => String(name));
      return [...names, ...Array.from({ length: server.pendingUploads }, () => 'a session')];
    },
    forget: () => server.forgetUploads(),
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
      await gate[Symbol.asyncDispose]();
      await server.close();
    },
  };
}
