import { S3Client } from '@aws-sdk/client-s3';
import { storageContract } from '@fieldfile/conformance/storage';
import { storageLoad } from '@fieldfile/test-servers/load';
import { describe, test } from 'vitest';
import { type GivenService, givenService, ownPlace, type Place, SECRET } from '../test/place.ts';
import { subject } from '../test/subject.ts';
import { MEBIBYTE } from './options.ts';
import type { ProbeResult } from './probe.ts';
import type { S3Storage } from './storage.ts';

const runner = { test, describe, ...storageLoad };
const parts = { partSizeBytes: 5 * MEBIBYTE, queueSize: 2 };
const noRemoveIfMatch = { 'remove-if-match': 'the server does not know the condition' };

const noFormHeaders = { 'form-headers': 'the server passes over these fields of a form' };

const given = givenService();
if (given) await onGivenService(given);
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
      subject(
        await ownPlace({
          ignoresConditions: ['complete', 'copy', 'delete'],
          knowsBareEtagsOnly: true,
          refusesChecksums: true,
          requiresContentMd5: true,
        }),
        { ...parts, location: 'm/7' },
        config =>
          new S3Client({
            ...config,
            requestChecksumCalculation: 'WHEN_REQUIRED',
            responseChecksumValidation: 'WHEN_REQUIRED',
          }),
      ),
  });
}

async function onGivenService({ endpoint, secrets, place, formHeaders }: GivenService): Promise<void> {
  const { remove } = await found(await place());
  storageContract({
    ...runner,
    name: `s3 on ${endpoint}`,
    lacks: { ...(remove ? {} : noRemoveIfMatch), ...(formHeaders ? {} : noFormHeaders) },
    secrets,
    create: async () => subject(await place(), parts),
  });
}

/** What the service keeps; the storages under test find it out for themselves. */
async function found(place: Place): Promise<ProbeResult> {
  const { storage, dispose } = await subject(place, parts);
  try {
    return await (storage as S3Storage).probe();
  } finally {
    await dispose?.();
  }
}
