import { S3Error } from './s3-error.ts';

/** The bounds a policy sets to the size of the file, in bytes. */
export interface LengthRange {
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * Checks a form against its policy: expiry, every condition, and no field that no condition names.
 *
 * @param fields by lower-case name, with the bucket among them
 * @returns the range the file must be in
 * @throws `InvalidPolicyDocument`; `AccessDenied` naming the condition that failed.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export function checkPolicy(
  encodedPolicy: string,
  fields: ReadonlyMap<string, string>,
): LengthRange | undefined {
  const policy = parsePolicy(encodedPolicy);
  if (!(Date.parse(policy.expiration) > Date.now())) throw denied('Policy expired.');
  const named = new Set(['policy', 'x-amz-signature', 'file', 'bucket']);
  let range: LengthRange | undefined;
  for (const condition of policy.conditions) {
    const [operator, field, wanted] = readCondition(condition);
    if (operator === 'content-length-range') {
      range = { minimum: Number(field), maximum: Number(wanted) };
      continue;
    }
    const name = String(field).toLowerCase();
    const value = fields.get(name) ?? '';
    const holds = operator === 'eq' ? value === wanted : value.startsWith(String(wanted));
    if (!holds) throw denied(`Policy Condition failed: ${JSON.stringify(condition)}`);
    named.add(name);
  }
  for (const name of fields.keys())
    if (!named.has(name) && !name.startsWith('x-ignore-')) throw denied(`Extra input fields: ${name}`);
  return range;
}

interface Policy {
  readonly expiration: string;
  readonly conditions: readonly unknown[];
}

function parsePolicy(encoded: string): Policy {
  let policy: unknown;
  try {
    policy = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
  } catch {
    throw invalidPolicy('Invalid JSON.');
  }
  const { expiration, conditions } = (policy ?? {}) as Record<string, unknown>;
  if (typeof expiration !== 'string' || Number.isNaN(Date.parse(expiration)))
    throw invalidPolicy('Policy is missing expiration.');
  if (!Array.isArray(conditions)) throw invalidPolicy('Policy is missing conditions.');
  return { expiration, conditions };
}

type Condition = readonly [
  operator: 'eq' | 'starts-with' | 'content-length-range',
  field: unknown,
  wanted: unknown,
];

function readCondition(condition: unknown): Condition {
  if (Array.isArray(condition) && condition.length === 3) {
    const [operator, field, wanted] = condition as readonly unknown[];
    if (operator === 'content-length-range') return [operator, field, wanted];
    if ((operator === 'eq' || operator === 'starts-with') && String(field).startsWith('$'))
      return [operator, String(field).slice(1), wanted];
  } else if (typeof condition === 'object' && condition !== null) {
    const [entry, ...others] = Object.entries(condition);
    if (entry !== undefined && others.length === 0) return ['eq', entry[0], entry[1]];
  }
  throw invalidPolicy(`Invalid condition: ${JSON.stringify(condition)}`);
}

function invalidPolicy(why: string): S3Error {
  return new S3Error('InvalidPolicyDocument', `Invalid Policy: ${why}`);
}

function denied(why: string): S3Error {
  return new S3Error('AccessDenied', `Invalid according to Policy: ${why}`);
}
