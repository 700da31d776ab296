import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { UsageError } from '../command-line.ts';
import { readSettings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'fieldfile-settings-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

function configuration(text: string): string {
  const path = join(folder, 'config.json');
  writeFileSync(path, text);
  return path;
}

test('nothing said: no storage is a real one, whatever credentials are about', () => {
  expect(readSettings({ AZURE_STORAGE_KEY: 'key', AWS_ACCESS_KEY_ID: 'id' }, undefined)).toEqual({});
});

test('variables become options of the storages, empty ones do not', () => {
  const environment = {
    FIELDFILE_DEMO_FS_ROOT: '/srv/media',
    FIELDFILE_DEMO_S3_BUCKET: 'media',
    FIELDFILE_DEMO_S3_ENDPOINT: 'http://127.0.0.1:9000',
    FIELDFILE_DEMO_S3_REGION: '',
    FIELDFILE_DEMO_GCS_BUCKET: 'media',
    FIELDFILE_DEMO_AZURE_CONTAINER: 'media',
    FIELDFILE_DEMO_AZURE_ACCOUNT: 'account',
    AZURE_STORAGE_KEY: 'key',
  };
  expect(readSettings(environment, undefined)).toEqual({
    fs: { root: '/srv/media' },
    s3: { bucketName: 'media', endpointUrl: 'http://127.0.0.1:9000' },
    gcs: { bucketName: 'media' },
    azure: { azureContainer: 'media', accountName: 'account', accountKey: 'key' },
  });
});

test('the file goes before the environment, storage by storage', () => {
  const environment = { FIELDFILE_DEMO_S3_BUCKET: 'one', FIELDFILE_DEMO_GCS_BUCKET: 'two' };
  expect(readSettings(environment, configuration('{"s3": {"bucketName": "three"}}'))).toEqual({
    s3: { bucketName: 'three' },
    gcs: { bucketName: 'two' },
  });
});

test('refuses a variable there is not', () => {
  expect(() => readSettings({ FIELDFILE_DEMO_S3_BUKET: 'media' }, undefined)).toThrow(
    'FIELDFILE_DEMO_S3_BUKET is no variable of the demo.',
  );
});

test.each([
  ['{"s3": {"secretKey": "hidden"', /^--config: ".*config.json" is no JSON.$/],
  ['[]', /holds no JSON object/],
  ['{"s4": {}}', '--config: "s4" is none of fs, s3, gcs, azure.'],
  ['{"s3": "media"}', '--config: the options of s3 are no JSON object.'],
])('refuses the file %j, showing nothing of its values', (text, message) => {
  const path = configuration(text);
  expect(() => readSettings({}, path)).toThrow(UsageError);
  expect(() => readSettings({}, path)).toThrow(message);
});

test('refuses a file there is not', () => {
  expect(() => readSettings({}, join(folder, 'none.json'))).toThrow(/cannot be read \(ENOENT/);
});
