import { S3Client } from '@aws-sdk/client-s3';
import { storageContract } from '@fieldfile/conformance/storage';
import { storageLoad } from '@fieldfile/test-servers/load';
import { describe, test } from 'vitest';
import { type GivenService, givenService, ownPlace, SECRET } from '../test/place.ts';
import { subject } from '../test/subject.ts';
import { MEBIBYTE } from './options.ts';

const runner = { test, describe, ...storageLoad };
const parts = { partSizeBytes: 5 * MEBIBYTE, queueSize: 2 };
const noRemoveIfMatch = { 'remove-if-match': 'the server does not know the condition' };

const given = givenService();
if (given) onGivenService(given);
else onOwnServer();

function onOwnServer(): void {
  storageContract({
    ...runner,
    name: 's3',
    secrets: [SECRET],
    create: async () => subject(await ownPlace(), parts),
  });

  storageContract({
    ...runner,
    name: 's3 below a location, on a server with conditions on PutObject alone and without checksums',
    lacks: noRemoveIfMatch,
    secrets: [SECRET],
    create: async () =>
      subject(await ownPlace(), { ...parts, location: 'm/7', conditionalWrites: 'put-only' }, config =>
        forgetful(new S3Client({ ...config, requestChecksumCalculation: 'WHEN_REQUIRED' })),
      ),
  });
}

function onGivenService({ endpoint, conditionalWrites, secrets, place }: GivenService): void {
  storageContract({
    ...runner,
    name: `s3 on ${endpoint}, conditional writes ${conditionalWrites}`,
    lacks: conditionalWrites === 'supported' ? {} : noRemoveIfMatch,
    secrets,
    create: async () => subject(await place(), parts),
  });
}

/** A client whose requests lose the conditions that Ceph ignores, and whose PutObject takes no quotes, as Ceph's. */
function forgetful(client: S3Client): S3Client {
  client.middlewareStack.add(
    (next, { commandName }) =>
      args => {
        const { headers } = (args as { readonly request: { headers: Record<string, string> } }).request;
        const isPut = commandName === 'PutObjectCommand';
        if (isPut && headers['if-match']?.includes('"')) headers['if-match'] = 'never';
        const isRead = commandName === 'GetObjectCommand' || commandName === 'HeadObjectCommand';
        if (!isPut && !isRead)
          for (const name of ['if-match', 'if-none-match', 'x-amz-copy-source-if-match'])
            delete headers[name];
        return next(args);
      },
    { step: 'build', priority: 'low' },
  );
  return client;
}
