import { readScope, signatureDoesNotMatch } from './authenticate.ts';
import type { Bucket } from './bucket.ts';
import { readForm } from './form-data.ts';
import { readProperties } from './object-properties.ts';
import { checkPolicy, type LengthRange } from './post-policy.ts';
import { writtenHeaders } from './put-object.ts';
import { expectedChecksum, expectedMd5, receiveContent } from './receive.ts';
import { S3Error } from './s3-error.ts';
import { checkKeyLength, type S3Request } from './s3-request.ts';
import type { Reply, Service } from './service.ts';
import { sign, signingKey, uriEncodePath } from './signature.ts';
import { parseTags } from './tagging.ts';
import { element, xmlDocument } from './xml.ts';

/** The upload of a browser's form (POST Object), which its policy allows and not a signed header. */
export async function postObject(request: S3Request, service: Service, bucket: Bucket): Promise<Reply> {
  const form = await readForm(request.body, request.headers.get('content-type') ?? '');
  const range = authorise(form.fields, service, bucket);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a form writes for the name of its file
  const key = (form.fields.get('key') ?? '').replaceAll('${filename}', form.fileName);
  if (key === '')
    throw new S3Error(
      'InvalidArgument',
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
      { ArgumentName: 'key', ArgumentValue: '' },
    );
  checkKeyLength(key);
  const headers = objectFields(form.fields);
  const properties = readProperties(headers, bucket);
  const { file, md5, checksum } = await receiveContent(
    withinRange(form.file, range, service.limits.maximumUploadBytes),
    {
      length: undefined,
      sha256: undefined,
      md5: expectedMd5(headers),
      checksum: expectedChecksum(headers, false),
    },
    service.files,
  );
  const object = bucket.put(key, {
    ...properties,
    files: [file],
    size: file.size,
    etag: md5.toString('hex'),
    checksum: checksum && {
      algorithm: checksum.algorithm,
      value: checksum.value.toString('base64'),
      type: 'FULL_OBJECT',
    },
    partSizes: undefined,
  });
  const location = `http://${request.headers.get('host')}/${bucket.name}/${uriEncodePath(key)}`;
  const answer = { ...writtenHeaders(bucket, object), etag: `"${object.etag}"`, location };
  return respond(form.fields, answer, bucket, key);
}

function authorise(
  fields: ReadonlyMap<string, string>,
  service: Service,
  bucket: Bucket,
): LengthRange | undefined {
  const policy = fields.get('policy');
  if (policy === undefined) throw new S3Error('AccessDenied', 'Access Denied');
  const field = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined)
      throw new S3Error('InvalidArgument', `Bucket POST must contain a field named '${name}'.`, {
        ArgumentName: name,
        ArgumentValue: '',
      });
    return value;
  };
  if (field('x-amz-algorithm') !== 'AWS4-HMAC-SHA256')
    throw new S3Error('InvalidArgument', 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"');
  const timestamp = field('x-amz-date');
  readScope(field('x-amz-credential'), timestamp, service.account, 'InvalidArgument');
  const key = signingKey(service.account, timestamp.slice(0, 8));
  if (sign(key, policy) !== field('x-amz-signature')) throw signatureDoesNotMatch({ StringToSign: policy });
  return checkPolicy(policy, new Map([...fields, ['bucket', bucket.name]]));
}

/** The fields that PutObject has as headers. */
function objectFields(fields: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const headers = new Map(fields);
  const acl = fields.get('acl');
  if (acl !== undefined) headers.set('x-amz-acl', acl);
  headers.delete('content-language'); // no field of a form
  const tagging = fields.get('tagging');
  if (tagging !== undefined)
    headers.set('x-amz-tagging', new URLSearchParams(parseTags(tagging).map(tag => [...tag])).toString());
  return headers;
}

async function* withinRange(
  file: AsyncIterable<Buffer>,
  range: LengthRange | undefined,
  limit: number,
): AsyncGenerator<Buffer, void> {
  const maximum = Math.min(range?.maximum ?? limit, limit);
  let size = 0;
  for await (const chunk of file) {
    size += chunk.length;
    if (size > maximum)
      throw new S3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
        ProposedSize: String(size),
        MaxSizeAllowed: String(maximum),
      });
    yield chunk;
  }
  if (range !== undefined && size < range.minimum)
    throw new S3Error('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
      ProposedSize: String(size),
      MinSizeAllowed: String(range.minimum),
    });
}

function respond(
  fields: ReadonlyMap<string, string>,
  headers: Readonly<Record<string, string>> & { readonly location: string; readonly etag: string },
  bucket: Bucket,
  key: string,
): Reply {
  const redirect = fields.get('success_action_redirect');
  if (redirect !== undefined && URL.canParse(redirect)) {
    const target = new URL(redirect);
    target.searchParams.set('bucket', bucket.name);
    target.searchParams.set('key', key);
    target.searchParams.set('etag', headers.etag);
    return { status: 303, headers: { ...headers, location: target.href } };
  }
  const status = fields.get('success_action_status');
  if (status !== '201') return { status: status === '200' ? 200 : 204, headers };
  const body = xmlDocument(
    'PostResponse',
    element('Location', headers.location),
    element('Bucket', bucket.name),
    element('Key', key),
    element('ETag', headers.etag),
  );
  return { status: 201, headers: { ...headers, 'content-type': 'application/xml' }, body };
}
