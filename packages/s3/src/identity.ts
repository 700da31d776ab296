import type { S3Client } from '@aws-sdk/client-s3';
import { FieldFileError } from '@fieldfile/storage';
import type { Place } from '@fieldfile/storage/backend';
import type { S3StorageOptions } from './options.ts';

/** What a bucket is called, and where it is. */
export interface Identity {
  readonly id: string;
  readonly formerIds: readonly string[];
  readonly place: Place;
}

/** A client's configuration, as far as it tells which service is meant. */
export type ServiceConfig = Pick<S3Client['config'], 'isCustomEndpoint' | 'endpoint' | 'region'> & {
  readonly ignoreConfiguredEndpointUrls?: boolean;
  readonly serviceConfiguredEndpoint?: () => Promise<string | undefined>;
};

/**
 * What can be said of a bucket without waiting. Names of buckets are unique in a partition of Amazon's and in every
 * other service.
 *
 * @throws `invalid-argument` where `id` is needed and not given.
 */
export function identityOf(
  options: S3StorageOptions,
  config: ServiceConfig,
  env: NodeJS.ProcessEnv = process.env,
): Identity {
  const { bucketName, endpointUrl, id } = options;
  const endpoint = endpointUrl ?? (config.isCustomEndpoint ? undefined : configuredEndpoint(config, env));
  const isKnown = endpointUrl !== undefined || !config.isCustomEndpoint;
  const service = isKnown ? serviceOf(endpoint, options.regionName) : undefined;
  const derived = service && idOf(service, bucketName);
  if (!service || (id === undefined && derived === undefined)) {
    if (id === undefined) throw missingId(options, service);
    return { id, formerIds: [], place: { id, space: `s3?${id}/${bucketName}`, path: '', isGuess: true } };
  }
  const called = id ?? derived ?? '';
  return {
    id: called,
    formerIds: id === undefined ? spelled(options, derived) : [],
    place: { id: called, space: spaceOf(service, bucketName), path: '' },
  };
}

/**
 * Where the client really goes: it may read that from a profile, or be told by a function.
 *
 * @throws `invalid-argument` when the id was made for another service.
 */
export async function located(
  options: S3StorageOptions,
  config: ServiceConfig,
  { id, place }: Identity,
): Promise<Place> {
  const { bucketName } = options;
  const service = await reachedService(config);
  if (service === undefined) return place; // the client has no region: its requests say so
  if (options.id === undefined && options.endpointUrl === undefined && idOf(service, bucketName) !== id)
    throw new FieldFileError(
      'invalid-argument',
      `Storage "${id}" reaches the bucket on ${service}, which its id does not say: give S3Storage the option id, or endpointUrl.`,
      { operation: 'construct', storage: id },
    );
  if (isAlias(bucketName)) return place;
  const space = spaceOf(service, bucketName);
  return place.space === space ? place : { id, space, path: '' };
}

/** The address that the client was given, in code or in its surroundings; undefined: it is Amazon's own. */
export async function endpointOf(config: ServiceConfig): Promise<string | undefined> {
  if (config.isCustomEndpoint) {
    const endpoint = await config.endpoint?.();
    if (!endpoint) return undefined;
    const { protocol, hostname, port, path } = endpoint;
    return `${protocol}//${hostname}${port ? `:${port}` : ''}${path}`;
  }
  return config.ignoreConfiguredEndpointUrls ? undefined : config.serviceConfiguredEndpoint?.();
}

/** Whether the client goes to a service of Amazon's, as far as it can be asked. */
export async function reachesAmazon(config: ServiceConfig): Promise<boolean> {
  return !(await reachedService(config))?.includes('//');
}

async function reachedService(config: ServiceConfig): Promise<string | undefined> {
  const endpoint = await endpointOf(config);
  if (endpoint) return serviceOf(endpoint, undefined);
  const region = await config.region().catch(() => undefined);
  return region === undefined ? undefined : serviceOf(undefined, region);
}

/** What the SDK takes for its endpoint where it is given none. */
export function configuredEndpoint(config: ServiceConfig, env: NodeJS.ProcessEnv): string | undefined {
  if (config.ignoreConfiguredEndpointUrls || env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true')
    return undefined;
  return env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || undefined;
}

/** A partition of Amazon's, `aws`, or another service's address, `https://s3.example.com`: without password, `/`, default port. */
function serviceOf(endpoint: string | undefined, regionName: string | undefined): string {
  if (endpoint === undefined) return partitionOf(regionName ?? '');
  const { protocol, host, hostname, pathname } = new URL(endpoint);
  if (/(?:^|[.-])s3[\w.-]*\.amazonaws\.com(?:\.cn)?$/.test(hostname))
    return hostname.endsWith('.cn') ? 'aws-cn' : partitionOfHost(hostname);
  return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`;
}

/** `s3.us-gov-west-1.amazonaws.com`, `s3-fips-us-gov-west-1.amazonaws.com` */
const partitionOfHost = (hostname: string): string =>
  hostname
    .split(/\.|s3-(?:fips-)?/)
    .map(partitionOf)
    .find(partition => partition !== 'aws') ?? 'aws';

/** @see https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html */
function partitionOf(region: string): string {
  const [, other] = /^(?:fips-)?(cn|us-gov|us-iso[a-z]?|eu-iso[a-z]?|eusc)-/.exec(region) ?? [];
  return other === undefined ? 'aws' : `aws-${other}`;
}

/** One address speaks one protocol. */
const spaceOf = (service: string, bucketName: string): string =>
  `s3:${service.replace(/^https?:/, '')}/${bucketName}`;

/** Undefined where a name of a bucket does not tell it apart. */
function idOf(service: string, bucketName: string): string | undefined {
  if (isAlias(bucketName)) return undefined;
  if (service === 'aws') return `s3:${bucketName}`;
  return service.includes('//') ? `s3:${service}/${bucketName}` : undefined;
}

/** An access point is another name of a bucket, and does not say of which. */
const isAlias = (bucketName: string): boolean =>
  bucketName.startsWith('arn:') || /-s3alias$|--ol-s3$/.test(bucketName);

/** The id as version 0.1.0 made it of the options. */
function spelled({ bucketName, endpointUrl }: S3StorageOptions, id: string | undefined): readonly string[] {
  if (endpointUrl === undefined || endpointUrl.includes('@')) return [];
  const former = `s3:${endpointUrl.replace(/\/+$/, '')}/${bucketName}`;
  return former === id ? [] : [former];
}

function missingId({ bucketName }: S3StorageOptions, service: string | undefined): FieldFileError {
  const why = isAlias(bucketName)
    ? `"${bucketName}" is an access point, which does not say of which bucket`
    : service === undefined
      ? 'the client has an endpoint of its own, which it tells to nobody without waiting'
      : `bucket "${bucketName}" is in the partition ${service}, and another one may be called so elsewhere`;
  return new FieldFileError(
    'invalid-argument',
    `S3Storage needs the option id: ${why}. Give a text that always means these objects, such as "media", and formerIds if a journal has entries of before.`,
    { operation: 'construct' },
  );
}
