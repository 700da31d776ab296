import type { Buckets } from './buckets.ts';
import { collect, type Exchange, parseJsonObject } from './exchange.ts';
import { escapeXml, forbidden, type GcsError, invalid } from './gcs-error.ts';
import { boundaryOf, type MimePart, mimeParts } from './mime-parts.ts';
import type { ServiceAccount } from './service-account.ts';
import { readClaims } from './signed-request.ts';
import { xmlEntityTag } from './stored-object.ts';
import { type LengthLimits, planOfHeaders, receiveObject } from './upload-plan.ts';

const FIELD_LIMIT_BYTES = 64 * 1024;

interface Policy {
  readonly bucket: string;
  readonly length: LengthLimits | undefined;
}

/**
 * A browser's form upload: `POST /BUCKET` (or `/`, the bucket then being the policy's) with a signed policy document.
 *
 * @see https://cloud.google.com/storage/docs/authentication/signatures#policy-document
 */
export async function answerForForm(
  exchange: Exchange,
  buckets: Buckets,
  account: ServiceAccount,
  bucketInPath: string | undefined,
  folder: string,
): Promise<void> {
  const boundary = boundaryOf(exchange.header('content-type'), 'multipart/form-data');
  const fields = new Map<string, string>();
  for await (const part of mimeParts(exchange.body(), boundary)) {
    const { name, filename } = disposition(part);
    if (name !== 'file') {
      fields.set(name.toLowerCase(), (await collect(part.body, FIELD_LIMIT_BYTES)).toString('utf8'));
      continue;
    }
    const policy = verifyPolicy(fields, account, bucketInPath);
    const key = fields.get('key')?.replaceAll(`\${filename}`, filename ?? '');
    const contentType = fields.get('content-type') ?? part.headers.get('content-type');
    const headers = Object.fromEntries(
      [...fields]
        .filter(([field]) => isField(field))
        .map(([field, value]) => [field === 'acl' ? 'x-goog-acl' : field, latin1(value)]),
    );
    const plan = planOfHeaders(
      { ...headers, ...(contentType === undefined ? {} : { 'content-type': latin1(contentType) }) },
      buckets.get(policy.bucket),
      key ?? '',
    );
    const object = await receiveObject(
      policy.length ? { ...plan, length: policy.length } : plan,
      part.body,
      folder,
    );
    return sendCreated(exchange, fields, object.bucket, object.name, xmlEntityTag(object));
  }
  throw invalid('The form has no field "file".');
}

/** What a form has fields for. It ignores others, even those that its policy names. */
const isField = (name: string): boolean => FIELDS.has(name) || name.startsWith('x-goog-meta-');

const FIELDS: ReadonlySet<string> = new Set([
  'acl',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-type',
  'expires',
  'x-goog-custom-time',
]);

function sendCreated(
  exchange: Exchange,
  fields: ReadonlyMap<string, string>,
  bucket: string,
  key: string,
  etag: string,
): void {
  const redirect = fields.get('success_action_redirect');
  const location = `${exchange.origin}/${bucket}/${encodeURIComponent(key)}`;
  if (redirect !== undefined) {
    const target = new URL(redirect);
    for (const [name, value] of Object.entries({ bucket, key, etag }))
      target.searchParams.append(name, value);
    exchange.send(303, { location: target.href, etag });
    return;
  }
  const status = Number(fields.get('success_action_status') ?? 204);
  if (status !== 201) {
    exchange.send(status === 200 ? 200 : 204, { location, etag });
    return;
  }
  const elements = Object.entries({ Location: location, Bucket: bucket, Key: key, ETag: etag });
  const inner = elements.map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`).join('');
  const xml = `<?xml version='1.0' encoding='UTF-8'?><PostResponse>${inner}</PostResponse>`;
  exchange.send(201, { location, etag, 'content-type': 'application/xml; charset=UTF-8' }, xml);
}

function verifyPolicy(
  fields: ReadonlyMap<string, string>,
  account: ServiceAccount,
  bucketInPath: string | undefined,
): Policy {
  const encoded = fields.get('policy');
  if (encoded === undefined) throw forbidden('The form has no policy document.');
  const { email } = readClaims({
    algorithm: fields.get('x-goog-algorithm'),
    credential: fields.get('x-goog-credential'),
    date: fields.get('x-goog-date'),
  });
  account.verify(email, [encoded], fields.get('x-goog-signature') ?? '');
  const { expiration, conditions } = parseJsonObject(Buffer.from(encoded, 'base64'));
  if (typeof expiration !== 'string' || !(Date.parse(expiration) > Date.now()))
    throw refused('Policy expired');
  if (!Array.isArray(conditions)) throw refused('Policy has no conditions');

  const unmet = new Set([...fields.keys()].filter(isConditioned));
  let bucket = bucketInPath;
  let length: LengthLimits | undefined;
  for (const condition of conditions.flatMap(readCondition)) {
    if (condition.kind === 'content-length-range') {
      length = { minimum: condition.minimum, maximum: condition.maximum };
      continue;
    }
    if (condition.field === 'bucket') bucket ??= condition.value;
    const actual = condition.field === 'bucket' ? bucket : fields.get(condition.field);
    const holds =
      condition.kind === 'eq' ? actual === condition.value : actual?.startsWith(condition.value) === true;
    if (!holds) throw refused(`Policy condition failed for ${condition.field}`);
    unmet.delete(condition.field);
  }
  const [extra] = unmet;
  if (extra !== undefined) throw refused(`Extra input field: ${extra}`);
  if (bucket === undefined) throw refused('Neither the path nor the policy names a bucket');
  return { bucket, length };
}

function isConditioned(field: string): boolean {
  return field !== 'policy' && field !== 'x-goog-signature' && !field.startsWith('x-ignore-');
}

type Condition =
  | { readonly kind: 'eq' | 'starts-with'; readonly field: string; readonly value: string }
  | { readonly kind: 'content-length-range'; readonly minimum: number; readonly maximum: number };

function readCondition(condition: unknown): Condition[] {
  if (Array.isArray(condition)) {
    const [kind, first, second]: unknown[] = condition;
    if (
      kind === 'content-length-range' &&
      Number.isInteger(Number(first)) &&
      Number.isInteger(Number(second))
    ) {
      return [{ kind, minimum: Number(first), maximum: Number(second) }];
    }
    if ((kind === 'eq' || kind === 'starts-with') && typeof first === 'string' && first.startsWith('$')) {
      return [{ kind, field: first.slice(1).toLowerCase(), value: String(second) }];
    }
  } else if (typeof condition === 'object' && condition !== null) {
    return Object.entries(condition).map(([field, value]) => ({
      kind: 'eq',
      field: field.toLowerCase(),
      value: String(value),
    }));
  }
  throw refused(`Invalid condition ${JSON.stringify(condition)}`);
}

function refused(details: string): GcsError {
  return forbidden('Access denied.', 'AccessDenied', `Invalid according to Policy: ${details}`);
}

function disposition(part: MimePart): { name: string; filename: string | undefined } {
  const header = part.headers.get('content-disposition') ?? '';
  const read = (parameter: string) => header.match(new RegExp(`;\\s*${parameter}="([^"]*)"`, 'i'))?.[1];
  return { name: read('name') ?? '', filename: read('filename') };
}

// Form fields are UTF-8; the plan expects them as headers, which Node hands over as Latin-1.
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
