import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { S3Client } from '@aws-sdk/client-s3';

export const BUCKET = 'media';

/** The server that is beside FieldFile there. */
export const PIPED = 'the SDK, piped';

/** An S3 service in a process of its own, with what `connect` takes. */
export async function startService(): Promise<{ readonly service: string; readonly child: ChildProcess }> {
  const command = fileURLToPath(import.meta.resolve('@fieldfile/test-servers/s3-command'));
  const args = ['--conditions=@fieldfile/source', command, '--bucket', BUCKET];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [service] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { service, child };
}

/** A client of a service that was described as JSON, without checksums, which cost CPU. */
export function connect(service: string): { readonly endpoint: string; readonly client: S3Client } {
  const { endpoint, region, accessKeyId, secretAccessKey } = JSON.parse(service);
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return { endpoint, client };
}
