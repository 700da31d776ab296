import { readFileSync } from 'node:fs';
import type { AzureStorageOptions } from '@fieldfile/azure';
import type { FileSystemStorageOptions } from '@fieldfile/fs';
import type { GcsStorageOptions } from '@fieldfile/gcs';
import type { S3StorageOptions } from '@fieldfile/s3';
import { UsageError } from '../command-line.ts';

/** Options of the storages that are real ones. What is absent runs on a test server, or in a temporary folder. */
export interface Settings {
  readonly fs?: FileSystemStorageOptions;
  readonly s3?: S3StorageOptions;
  readonly gcs?: GcsStorageOptions;
  readonly azure?: AzureStorageOptions;
}

type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = 'FIELDFILE_DEMO_';

const VARIABLES = {
  fs: { FS_ROOT: 'root' },
  s3: {
    S3_BUCKET: 'bucketName',
    S3_ENDPOINT: 'endpointUrl',
    S3_REGION: 'regionName',
    S3_CONDITIONAL_WRITES: 'conditionalWrites',
  },
  gcs: { GCS_BUCKET: 'bucketName', GCS_ENDPOINT: 'apiEndpoint', GCS_PROJECT: 'projectId' },
  azure: { AZURE_CONTAINER: 'azureContainer', AZURE_ACCOUNT: 'accountName', AZURE_ENDPOINT: 'endpoint' },
} as const;

/** As Azure's own command line has them: its SDK has no chain of credentials without a further package. */
const AZURE_CREDENTIALS = {
  AZURE_STORAGE_CONNECTION_STRING: 'connectionString',
  AZURE_STORAGE_KEY: 'accountKey',
  AZURE_STORAGE_SAS_TOKEN: 'sasToken',
} as const;

/**
 * What the environment and the file say; the file goes first. The storages check the values themselves.
 *
 * @throws UsageError for a variable or key there is not, and for a file that is no JSON.
 */
export function readSettings(environment: Environment, file: string | undefined): Settings {
  return { ...fromEnvironment(environment), ...(file === undefined ? {} : fromFile(file)) };
}

function fromEnvironment(environment: Environment): Settings {
  const known = Object.values(VARIABLES).flatMap(variables => Object.keys(variables));
  for (const name of Object.keys(environment))
    if (name.startsWith(PREFIX) && !known.includes(name.slice(PREFIX.length)))
      throw new UsageError(`${name} is no variable of the demo.`);
  const settings: Record<string, object> = {};
  for (const [storage, variables] of Object.entries(VARIABLES)) {
    const options = pick(environment, variables, PREFIX);
    if (Object.keys(options).length === 0) continue;
    settings[storage] =
      storage === 'azure' ? { ...options, ...pick(environment, AZURE_CREDENTIALS, '') } : options;
  }
  return settings;
}

/** Variables that are set and not empty, under the names of their options. */
function pick(
  environment: Environment,
  variables: Readonly<Record<string, string>>,
  prefix: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([variable, option]) => {
      const value = environment[prefix + variable];
      return value ? [[option, value]] : [];
    }),
  );
}

function fromFile(path: string): Settings {
  const settings = parse(path);
  if (!isObject(settings)) throw new UsageError(`--config: ${JSON.stringify(path)} holds no JSON object.`);
  for (const [storage, options] of Object.entries(settings)) {
    if (!(storage in VARIABLES))
      throw new UsageError(
        `--config: ${JSON.stringify(storage)} is none of ${Object.keys(VARIABLES).join(', ')}.`,
      );
    if (!isObject(options)) throw new UsageError(`--config: the options of ${storage} are no JSON object.`);
  }
  return settings;
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    // Not the message of JSON.parse, which quotes the file: there may be secrets in it.
    const why = error instanceof SyntaxError ? 'is no JSON' : `cannot be read (${(error as Error).message})`;
    throw new UsageError(`--config: ${JSON.stringify(path)} ${why}.`);
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
