import { GetObjectCommand, PutObjectCommand, type S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import type { ObjectName } from '@fieldfile/storage/backend';
import type { Address } from './address.ts';
import { escaped } from './query-signature.ts';

/** One request that is signed for somebody else to make. */
export interface RequestToSign {
  readonly method: 'GET' | 'PUT';
  readonly bucket: string;
  readonly name: ObjectName;
  readonly query: Readonly<Record<string, string>>;
  /** By lower-case name: exactly these, and the host, are signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signingDate: Date;
  /** In seconds. */
  readonly expiresIn: number;
}

/** One part of an upload has a number. */
const operationOf = ({ method, query }: Pick<RequestToSign, 'method' | 'query'>): string =>
  method === 'GET' ? 'GetObject' : query.partNumber === undefined ? 'PutObject' : 'UploadPart';

/** The URL of a request whose signature is in its query. */
export async function presign(address: Address, request: RequestToSign): Promise<string> {
  const { client } = address;
  const place = await address.signing(client);
  const credentials = place && (await client.config.credentials());
  if (!place || !credentials?.accessKeyId || !credentials.secretAccessKey) return bySdk(client, request);
  const { name, query } = request;
  const { url, region, service } = place;
  const path = `${url.pathname === '/' ? '' : url.pathname}/${name.split('/').map(escaped).join('/')}`;
  return address.signer.sign({
    ...request,
    origin: url.origin,
    host: url.host,
    path,
    query: { ...query, 'x-id': operationOf(request) },
    credentials,
    region,
    service,
  });
}

/** What only the SDK knows to sign: other algorithms, buckets with sessions, and what a client's own middleware changes. */
async function bySdk(
  client: S3Client,
  { method, bucket, name, query, headers, signingDate, expiresIn }: RequestToSign,
): Promise<string> {
  const object = { Bucket: bucket, Key: name };
  const { partNumber, uploadId: UploadId, ...others } = query;
  const put =
    partNumber === undefined
      ? new PutObjectCommand(object)
      : new UploadPartCommand({ ...object, PartNumber: Number(partNumber), UploadId });
  // All are commands; a union of them is none to the SDK's types.
  const command = (method === 'GET' ? new GetObjectCommand(object) : put) as GetObjectCommand;
  const names = Object.keys(headers);
  sends(command, others, headers);
  const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
  return getSignedUrl(client, command, {
    signingDate,
    expiresIn,
    signableHeaders: new Set(['host', ...names]),
    unhoistableHeaders: new Set(names),
  });
}

/**
 * Takes away what is not to be signed: checksums of a body that the SDK does not have, and whatever a client's middleware
 * adds. Who has the URL would have to send the very same.
 */
function sends(
  command: GetObjectCommand,
  query: RequestToSign['query'],
  headers: RequestToSign['headers'],
): void {
  const stack: Pick<GetObjectCommand['middlewareStack'], 'add'> = command.middlewareStack as never;
  stack.add(
    next => args => {
      const { request } = args as { readonly request: { headers: object; query: object } };
      const { host } = request.headers as { readonly host?: string };
      request.headers = { ...(host === undefined ? {} : { host }), ...headers };
      request.query = { ...request.query, ...query };
      return next(args);
    },
    { step: 'build', priority: 'low', name: 'fieldfilePresign', override: true },
  );
}
