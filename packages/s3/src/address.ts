import { S3Client } from '@aws-sdk/client-s3';
import { FieldFileError } from '@fieldfile/storage';
import { clientWith } from './client-with.ts';
import type { Connection } from './connection.ts';
import { configuredEndpoint, endpointOf } from './identity.ts';
import type { S3StorageOptions } from './options.ts';
import { QuerySigner } from './query-signature.ts';

type Config = S3Client['config'];

/** Of what the SDK makes the address of a bucket. */
type Parameters = NonNullable<globalThis.Parameters<Config['endpointProvider']>[0]>;

/** Where a request goes, and what its signature is for. */
export interface SigningPlace {
  /** Of the bucket. */
  readonly url: URL;
  readonly region: string;
  readonly service: string;
}

/** What of the SDK's endpoints is used here. */
interface Endpoint {
  readonly url: URL;
  readonly properties?: {
    readonly authSchemes?: readonly {
      readonly name: string;
      readonly signingName?: string;
      readonly signingRegion?: string;
    }[];
  };
}

/** What Amazon calls the address that leads to every region of its first partition. */
const NO_REGION = 'aws-global';

/**
 * Where the bucket is, for URLs: as the SDK derives it for requests, from region, endpoint, style and kind of bucket.
 * What a given client is set up with it tells only to who waits: {@link learn} does.
 */
export class Address {
  readonly #connection: Connection;
  readonly #options: S3StorageOptions;
  readonly signer: QuerySigner = new QuerySigner();
  #learnt: Parameters | undefined;

  constructor(connection: Connection, options: S3StorageOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Asks the client. */
  async learn(): Promise<void> {
    const { Region, ...rest } = await parametersOf(this.#connection.reaching.config);
    this.#learnt = { ...rest, Region: Region ?? NO_REGION };
  }

  /**
   * Where a client's requests go and what they are signed for; undefined where that is for the SDK to find out. It is asked
   * each time, as the SDK does: a client may be set up with functions.
   */
  async signing({ config, middlewareStack }: S3Client): Promise<SigningPlace | undefined> {
    if (this.#options.client !== undefined && !isAsMade(middlewareStack)) return undefined;
    const parameters = await parametersOf(config);
    // Without a region the SDK says what is missing.
    if (parameters.Region === undefined) return undefined;
    const { bucket } = this.#connection;
    const { url, properties = {} } = config.endpointProvider(
      styled({ ...parameters, Bucket: bucket }, bucket),
    ) as Endpoint;
    const [scheme] = properties.authSchemes ?? [];
    const { name, signingRegion: region, signingName: service = 's3' } = scheme ?? {};
    return name === 'sigv4' && region !== undefined && url.search === ''
      ? { url, region, service }
      : undefined;
  }

  /**
   * What public URLs begin with, up to the object's name.
   *
   * @throws `unsupported` while that is not known; `invalid-argument` where the SDK has no address for the bucket.
   */
  get objects(): string {
    const { customDomain, urlProtocol = 'https:' } = this.#options;
    if (customDomain !== undefined) return `${urlProtocol}//${customDomain.replace(/\/+$/, '')}/`;
    return this.#resolved(this.#parameters());
  }

  /** The client that signs URLs: it goes where they shall lead. */
  get client(): S3Client {
    const { reaching } = this.#connection;
    const { urlEndpoint } = this.#options;
    if (urlEndpoint === undefined) return reaching;
    const { protocol, hostname, port, pathname } = new URL(urlEndpoint);
    const endpoint = { protocol, hostname, path: pathname, ...(port === '' ? {} : { port: Number(port) }) };
    return clientWith(reaching, {
      ...NOT_BESIDE_AN_ENDPOINT,
      endpoint: async () => endpoint,
      isCustomEndpoint: true,
    });
  }

  #parameters(): Parameters {
    const { client, endpointUrl, urlEndpoint } = this.#options;
    const given = urlEndpoint ?? endpointUrl;
    const known =
      this.#learnt ?? (client ? undefined : ofSurroundings(this.#connection.client.config, this.#options));
    const { otherRegion } = this.#connection;
    const { forcePathStyle } = this.#connection.client.config;
    const isKnownStyle = typeof forcePathStyle !== 'function';
    if (given !== undefined && (known || isKnownStyle)) {
      const {
        Accelerate: _,
        UseDualStack: __,
        UseFIPS: ___,
        ...rest
      } = known ?? {
        Region: 'us-east-1',
        ForcePathStyle: forcePathStyle === true,
      };
      return { ...rest, Endpoint: withoutSlash(given) };
    }
    if (known) return otherRegion === undefined ? known : { ...known, Region: otherRegion };
    throw new FieldFileError(
      'unsupported',
      `Storage "${this.#connection.id}" learns its client's address with its first operation: give endpointUrl or customDomain, or await url().`,
      { operation: 'publicUrl', storage: this.#connection.id },
    );
  }

  #resolved(parameters: Parameters): string {
    const { bucket, client, id } = this.#connection;
    try {
      const { url } = client.config.endpointProvider(styled({ ...parameters, Bucket: bucket }, bucket));
      return `${url.href.replace(/\/+$/, '')}/`;
    } catch (cause) {
      throw new FieldFileError(
        'invalid-argument',
        `Bucket "${bucket}" of storage "${id}" has no address: ${(cause as Error).message}`,
        { operation: 'publicUrl', storage: id, cause },
      );
    }
  }
}

/** The SDK refuses them together with an endpoint. */
const NOT_BESIDE_AN_ENDPOINT = {
  useAccelerateEndpoint: false,
  useDualstackEndpoint: async () => false,
  useFipsEndpoint: async () => false,
} as const;

/** What our own client will find where it is told nothing, as far as that can be seen without waiting. */
function ofSurroundings(
  config: Config,
  options: S3StorageOptions,
  env: NodeJS.ProcessEnv = process.env,
): Parameters {
  const { endpointUrl, regionName } = options;
  const Endpoint = endpointUrl ?? configuredEndpoint(config, env);
  return {
    Region: regionName || (endpointUrl === undefined ? env.AWS_REGION || NO_REGION : 'us-east-1'),
    ForcePathStyle: config.forcePathStyle === true,
    UseDualStack: env.AWS_USE_DUALSTACK_ENDPOINT === 'true',
    UseFIPS: env.AWS_USE_FIPS_ENDPOINT === 'true',
    ...(Endpoint === undefined ? {} : { Endpoint: withoutSlash(Endpoint) }),
  };
}

/** Of what the SDK makes the address of a bucket, as a client is set up. */
async function parametersOf(config: Config): Promise<Parameters> {
  const [region, endpoint] = await Promise.all([
    asked(config.region).catch(() => undefined), // without one requests fail, and say so
    endpointOf(config),
  ]);
  return {
    ...(await plainSettings(config, region !== undefined)),
    ...(region === undefined ? {} : { Region: region }),
    ...(endpoint === undefined ? {} : { Endpoint: endpoint }),
  };
}

/** Whether no middleware was added that may change what is to be signed. */
function isAsMade(stack: S3Client['middlewareStack']): boolean {
  asMade ??= new S3Client({ region: 'us-east-1' }).middlewareStack.identify().join();
  return stack.identify().join() === asMade;
}

/** What the middleware of a client is called that was just made. */
let asMade: string | undefined;

/** Without a region the SDK does not say whether it is to be one of FIPS. */
async function plainSettings(config: Config, hasRegion: boolean): Promise<Parameters> {
  const [
    ForcePathStyle,
    UseDualStack,
    UseFIPS,
    Accelerate,
    UseGlobalEndpoint,
    UseArnRegion,
    DisableMultiRegionAccessPoints,
  ] = await Promise.all(
    [
      config.forcePathStyle,
      config.useDualstackEndpoint,
      hasRegion && config.useFipsEndpoint,
      config.useAccelerateEndpoint,
      config.useGlobalEndpoint,
      config.useArnRegion,
      config.disableMultiregionAccessPoints,
    ].map(asked<boolean | undefined>),
  );
  return {
    ...defined({ ForcePathStyle, UseDualStack, UseFIPS, Accelerate, UseGlobalEndpoint }),
    ...defined({ UseArnRegion, DisableMultiRegionAccessPoints }),
  };
}

/** A setting, which may be a value or somebody who knows it. */
const asked = async <T>(setting: T | (() => Promise<T>)): Promise<T> =>
  typeof setting === 'function' ? (setting as () => Promise<T>)() : setting;

const defined = (parameters: { readonly [name: string]: boolean | undefined }): Parameters =>
  Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));

/** What the SDK adds for this service before it decides: not every name of a bucket can be one of a host. */
function styled(parameters: Parameters, bucket: string): Parameters {
  if (bucket.startsWith('arn:')) return parameters;
  const isHostName =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) && !/(?:\d+\.){3}\d+|\.\./.test(bucket);
  const hasUncoveredDot = bucket.includes('.') && !parameters.Endpoint?.startsWith('http:');
  return isHostName && !hasUncoveredDot ? parameters : { ...parameters, ForcePathStyle: true };
}

function withoutSlash(endpoint: string): string {
  const { protocol, host, pathname } = new URL(endpoint);
  return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`;
}
