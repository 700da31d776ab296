import { choices, count, parseArguments, UsageError } from '../command-line.ts';
import { type StorageName, storageNames } from './storage-name.ts';

export interface Options {
  /** A folder or a file. Undefined: the samples. */
  readonly path?: string;
  readonly only: readonly StorageName[];
  readonly concurrency: number;
  /** A file with the options of real storages. */
  readonly config?: string;
  readonly keep: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

export const help = `Usage: npm run demo:storages -- [folder] [options]

Keeps every file of a folder (default: a few samples) in a row of a SQLite table, through one file field for each
storage: fs (local disk), s3, gcs, azure and memory. On each it saves all files, reads them back from freshly loaded
rows, fetches them by signed URLs, replaces every fourth, deletes them, and lists what is left. Every content is
compared with the original by its SHA-256.

  --only LIST        some of fs, s3, gcs, azure, memory, with commas between them
  --concurrency N    files under way at once. Default: 8
  --config FILE      JSON with the options of real storages, as their constructors take them:
                     {"s3": {"bucketName": "my-bucket", "regionName": "eu-central-1"}}
  --keep             leave the objects where they are, and say where (a test server takes its own with it)
  --json             one object a line and storage: storage place id files bytes
                     steps.{save,read,url,replace,delete}.{files,bytes,milliseconds} objectsLeft peakRssBytes
                     failures[].{step,file,code,message}
  --help             this text

Without a word about them, s3 and gcs are strict test servers in this process, azure is azurite, and fs a temporary
folder. Real ones, here or in --config, which goes first (the bucket or container must exist; only objects that the demo
made itself are removed):

  FIELDFILE_DEMO_FS_ROOT           a folder
  FIELDFILE_DEMO_S3_BUCKET         and _S3_ENDPOINT, _S3_REGION, _S3_CONDITIONAL_WRITES; credentials as the AWS SDK
                                   finds them
  FIELDFILE_DEMO_GCS_BUCKET        and _GCS_ENDPOINT, _GCS_PROJECT; application default credentials
  FIELDFILE_DEMO_AZURE_CONTAINER   and _AZURE_ACCOUNT, _AZURE_ENDPOINT; with AZURE_STORAGE_CONNECTION_STRING,
                                   AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN

Exit code: 0 when every check passed, 1 when one failed, 2 for arguments that cannot be meant.
`;

/** More sockets and open files than this are refused by one system or another. */
const MAX_CONCURRENCY = 256;

/** @throws UsageError for an unknown option or value. */
export function parseOptions(argv: readonly string[]): Options {
  const { values, positionals } = parseArguments({
    args: [...argv],
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      concurrency: { type: 'string' },
      config: { type: 'string' },
      keep: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [path, ...more] = positionals;
  if (more.length > 0)
    throw new UsageError(`One folder at a time: ${JSON.stringify(more[0])} is a second one.`);
  const chosen = choices('--only', values.only, storageNames) ?? storageNames;
  const concurrency = count('--concurrency', values.concurrency ?? '8');
  if (concurrency > MAX_CONCURRENCY)
    throw new UsageError(`--concurrency: ${concurrency} is more than ${MAX_CONCURRENCY}.`);
  return {
    ...(path === undefined ? {} : { path }),
    only: storageNames.filter(name => chosen.includes(name)),
    concurrency,
    ...(values.config === undefined ? {} : { config: values.config }),
    keep: values.keep ?? false,
    json: values.json ?? false,
    help: values.help ?? false,
  };
}
