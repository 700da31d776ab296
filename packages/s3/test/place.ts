import {
  CreateBucketCommand,
  DeleteObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { newWriteId } from '@fieldfile/storage/backend';
import { type S3Imitation, startS3Server } from '@fieldfile/test-servers/s3';
import type { S3StorageOptions } from '../src/options.ts';

export const SECRET = 'the-secret-access-key';

/** Where one storage is tested, empty at first. */
export interface Place {
  readonly options: Pick<
    S3StorageOptions,
    'bucketName' | 'endpointUrl' | 'location' | 'conditionalWrites' | 'partSizeBytes' | 'queueSize'
  >;
  readonly client: S3ClientConfig;
  /** Takes away whatever is there. */
  dispose(): Promise<void>;
}

/** A server of this process, with nothing else on it. */
export async function ownPlace(imitates: S3Imitation = {}): Promise<Place> {
  const server = await startS3Server({ buckets: ['media'], secretAccessKey: SECRET, imitates });
  const { accessKeyId, secretAccessKey, endpoint, region } = server;
  return {
    options: { bucketName: 'media', endpointUrl: endpoint },
    client: { endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } },
    dispose: () => server.close(),
  };
}

/** A server that runs elsewhere. */
export interface GivenService {
  /** Whether what a form says of its object reaches it. */
  readonly formHeaders: boolean;
  readonly endpoint: string;
  readonly conditionalWrites: S3StorageOptions['conditionalWrites'];
  readonly secrets: readonly string[];
  /** A prefix of its own in the bucket, which is made when it is missing. */
  place(): Promise<Place>;
}

/** What `FIELDFILE_TEST_S3_ENDPOINT` and its siblings name; undefined without it. */
export function givenService(env: NodeJS.ProcessEnv = process.env): GivenService | undefined {
  const {
    FIELDFILE_TEST_S3_ENDPOINT: endpoint,
    FIELDFILE_TEST_S3_REGION: region = 'us-east-1',
    FIELDFILE_TEST_S3_BUCKET: bucketName = 'fieldfile-test',
    FIELDFILE_TEST_S3_ACCESS_KEY: accessKeyId,
    FIELDFILE_TEST_S3_SECRET_KEY: secretAccessKey,
    FIELDFILE_TEST_S3_CHECKSUMS: checksums = 'when-required',
    FIELDFILE_TEST_S3_CONDITIONAL_WRITES: stated,
    FIELDFILE_TEST_S3_FORM_HEADERS: formHeaders = 'yes',
  } = env;
  if (!endpoint) return undefined;
  // Checked by the storage itself.
  const conditionalWrites = stated as S3StorageOptions['conditionalWrites'];
  const config: S3ClientConfig = {
    endpoint,
    region,
    forcePathStyle: true,
    requestChecksumCalculation: checksums === 'when-supported' ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED',
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
  };
  return {
    endpoint,
    formHeaders: formHeaders === 'yes',
    conditionalWrites,
    secrets: secretAccessKey ? [secretAccessKey] : [],
    async place() {
      const client = new S3Client(config);
      await makeBucket(client, bucketName);
      const location = `contract-${newWriteId()}`;
      return {
        options: {
          bucketName,
          endpointUrl: endpoint,
          location,
          ...(conditionalWrites === undefined ? {} : { conditionalWrites }),
        },
        client: config,
        async dispose() {
          await empty(client, bucketName, `${location}/`);
          client.destroy();
        },
      };
    },
  };
}

async function makeBucket(client: S3Client, Bucket: string): Promise<void> {
  try {
    await client.send(new HeadBucketCommand({ Bucket }));
  } catch (error) {
    if ((error as Error).name !== 'NotFound') throw error;
    await client.send(new CreateBucketCommand({ Bucket }));
  }
}

async function empty(client: S3Client, Bucket: string, Prefix: string): Promise<void> {
  for (;;) {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
    if (Contents.length === 0) return;
    // One by one: services do not agree on the digest of a list.
    await Promise.all(Contents.map(({ Key }) => client.send(new DeleteObjectCommand({ Bucket, Key }))));
  }
}
