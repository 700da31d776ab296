import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Readable } from 'node:stream';
import {
  type $Command,
  type GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  S3Client,
  type S3ClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from '@aws-sdk/client-s3';
import { FieldFileError, isFieldFileError } from '@fieldfile/storage';
import { throwIfAborted } from '@fieldfile/storage/backend';
import { isOfStore } from './answer.ts';
import { clientWith, withOwnMiddleware } from './client-with.ts';
import { customerKeyHeaders } from './customer-key.ts';
import { aborted, type ErrorContext, missingBucket, toFieldFileError } from './errors.ts';
import { type Identity, identityOf } from './identity.ts';
import { digestByMd5 } from './md5.ts';
import type { S3StorageOptions } from './options.ts';
import { isReason, questionFor } from './reason.ts';

/** A command of the SDK. */
export type S3Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = $Command<
  Input,
  Output,
  S3ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>;

/** One request: what it is for, and when to give it up. */
export interface Call {
  readonly operation: string;
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The request changes something: once it is sent whole, an abort waits a while for its answer, to know what to undo. */
  readonly writes?: boolean;
  /** Whether it is sent whole. Default: it is. */
  readonly isSent?: () => boolean;
  /** Headers beside those of the command. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body's digest goes with it as Content-MD5, and as nothing else. */
  readonly md5?: boolean;
}

/** An answer, and the server's time when it gave it. */
export type Answer<Output> = Output & { readonly answeredAt: Date };

/** Sockets that may be in use at once. Many: a read that pauses holds one, and must not keep a write waiting for it. */
const MAX_SOCKETS = 1024;

/** Four of the pieces in which the system hands bytes over: a reader takes them at once, for a turn of everything above. */
const SOCKET_BUFFER_BYTES = 256 * 1024;

/** How long an abort waits for the answer to what was sent: without it, an object might appear after it was undone. */
export const ABORT_PATIENCE_MS = 2000;

/**
 * One bucket as reached through the SDK: every request passes here, is made once, can be aborted, and fails with our
 * errors. Repeating is `Storage`'s, which knows what is safe to repeat.
 */
export class Connection {
  readonly identity: Identity;
  readonly bucket: string;
  readonly client: S3Client;
  readonly #ownsClient: boolean;
  /** What sends: see {@link Connection.#send}. */
  #watched: S3Client | undefined;
  readonly #requests = new WeakMap<object, UnderWay>();
  readonly #customerKeyHeaders: ReturnType<typeof customerKeyHeaders>;
  #bucketIsThere = false;
  /** It has answered as only a store does. */
  #isStore = false;
  /** The given client, told where the bucket really is. */
  #regional: S3Client | undefined;
  #region: string | undefined;

  constructor(options: S3StorageOptions) {
    this.bucket = options.bucketName;
    this.client = options.client ?? newClient(options);
    this.#ownsClient = options.client === undefined;
    this.identity = identityOf(options, this.client.config);
    this.#customerKeyHeaders = customerKeyHeaders(options.sseCustomerKey);
  }

  get id(): string {
    return this.identity.id;
  }

  /** Whether the service is told of checksums, and asked for them, as the client is set up. */
  async sendsChecksums(): Promise<boolean> {
    return (await this.client.config.requestChecksumCalculation()) === 'WHEN_SUPPORTED';
  }

  /** Asks for the digest that the service keeps, without the SDK's verifying it: `Storage` does, when it is asked to. */
  async asksForChecksum(): Promise<Readonly<Record<string, string>>> {
    return (await this.sendsChecksums()) ? TELL_CHECKSUM : NONE;
  }

  /** Where the bucket turned out to be, when it was not where the client was told. */
  get otherRegion(): string | undefined {
    return this.#region;
  }

  /** The client as it reaches the bucket: what signs URLs, too. */
  get reaching(): S3Client {
    return this.#regional ?? this.client;
  }

  context(call: Call): ErrorContext {
    return { storage: this.id, bucket: this.bucket, ...call };
  }

  /**
   * The answer; it may come although the signal has fired meanwhile, where the request writes.
   *
   * @throws whatever {@link toFieldFileError} makes of the failure; `aborted`.
   */
  async send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: S3Command<Input, Output>,
    call: Call,
  ): Promise<Answer<Output>> {
    const { signal } = call;
    throwIfAborted(signal, call.operation);
    // Of our own: the SDK leaves its listener until the socket closes.
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onAbort = (): void => {
      if (call.writes && (call.isSent?.() ?? true))
        timer = setTimeout(() => controller.abort(), ABORT_PATIENCE_MS);
      else controller.abort();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const sent: UnderWay = { headers: call.headers, md5: call.md5 ?? false, signal: controller.signal };
    Object.assign(command.input, { [UNDER_WAY]: sent });
    try {
      const output = await this.#sendWhereItIs(command, call);
      if (sent.isDoubtful) await this.#checkStore(output, call);
      else this.#isStore = true;
      this.#bucketIsThere = true;
      return Object.assign(output, { answeredAt: sent.answeredAt ?? new Date() });
    } catch (error) {
      // A request that was refused early may still be sending its body.
      controller.abort();
      const reason = signal?.aborted ? undefined : await this.#reasonOf(error, command, call);
      const context = this.context(call);
      throw signal?.aborted ? aborted(signal, context) : toFieldFileError(reason ?? error, context);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** The answer, or undefined when there is no such object. A missing bucket is an error all the same. */
  async sendIfThere<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: S3Command<Input, Output>,
    call: Call,
  ): Promise<Answer<Output> | undefined> {
    try {
      return await this.send(command, call);
    } catch (error) {
      // An error about the bucket names no object.
      if (!isFieldFileError(error, 'not-found') || error.objectName !== call.name) throw error;
      await this.#checkBucket(call);
      return undefined;
    }
  }

  /** Why a HEAD was refused, which costs one more request. Undefined where that tells no more. */
  async #reasonOf(error: unknown, command: object, call: Call): Promise<unknown> {
    const question = questionFor(command, error);
    if (!question) return undefined;
    try {
      // Both are commands; a union of them is none to the SDK's types.
      const { Body } = await this.send(question as GetObjectCommand, { ...call, writes: false });
      if (Body instanceof Readable) Body.on('error', () => {}).destroy();
      return undefined;
    } catch (reason) {
      return isReason(reason) ? reason : undefined;
    }
  }

  /** Follows the bucket to another region, where the client is set up to, once and for all that comes later. */
  async #sendWhereItIs<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: S3Command<Input, Output>,
    call: Call,
  ): Promise<Output> {
    try {
      return await this.#send(command);
    } catch (error) {
      const region = await this.#redirection(error);
      if (region === undefined) throw error;
      this.#region = region;
      this.#regional = clientWith(this.client, { region: async () => region });
      this.#watched = undefined;
      const { Body } = command.input as { readonly Body?: unknown };
      if (Body instanceof Readable && (Body.readableFlowing !== null || Readable.isDisturbed(Body)))
        throw this.#movedMeanwhile(region, call, error);
      return await this.#send(command);
    }
  }

  /** The region that an answer names as the bucket's, if it is not the one that was asked. */
  async #redirection(error: unknown): Promise<string | undefined> {
    const { config } = this.reaching;
    if (!config.followRegionRedirects) return undefined;
    const { $metadata, $response } = error as Answered;
    const region = $response?.headers?.['x-amz-bucket-region'];
    const isRedirect = $metadata?.httpStatusCode === 301 || $metadata?.httpStatusCode === 400;
    return isRedirect && region !== (await config.region()) ? region : undefined;
  }

  /** A body that was read cannot be sent again from here; whoever has its content can. */
  #movedMeanwhile(region: string, { operation, name }: Call, cause: unknown): FieldFileError {
    return new FieldFileError(
      'backend',
      `Bucket "${this.bucket}" of storage "${this.id}" is in the region ${region}, which the client was not told (${operation}).`,
      { operation, storage: this.id, name, applied: false, retryable: true, cause },
    );
  }

  /**
   * Without options the SDK puts its middleware together once for all commands of a kind, not for each, which was a
   * seventh of what a small request cost. What a command adds itself must then be the same for each of its kind. A given
   * client stays as it is: its owner's requests pass nothing of this.
   */
  #send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: S3Command<Input, Output>,
  ): Promise<Output> {
    if (!this.#watched) {
      this.#watched = withOwnMiddleware(this.reaching, request => this.#requests.get(request)?.signal);
      this.#watch(this.#watched.middlewareStack);
    }
    return this.#watched.send(command);
  }

  /**
   * Sees every request on its way. It goes once: retries, which an injected client may have, would take the success of a
   * first attempt, whose answer was lost, for a collision. They also warn on the console of what they cannot repeat.
   */
  #watch<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    stack: MiddlewareStack<Input, Output>,
  ): void {
    stack.add(next => args => next(args), {
      step: 'finalizeRequest',
      priority: 'high',
      name: 'retryMiddleware',
      override: true,
    });
    // While it follows a bucket, it changes the region of the whole client: requests beside it go astray.
    stack.add(next => args => next(args), {
      step: 'initialize',
      name: 'regionRedirectMiddleware',
      override: true,
    });
    stack.add(
      (next, { commandName = '' }) =>
        async args => {
          const sent = underWay(args.input);
          if (!sent) return next(args);
          const result = await next(args);
          sent.answeredAt = dateOf(result.response);
          sent.isDoubtful = !isOfStore(commandName, result);
          return result;
        },
      { step: 'finalizeRequest', priority: 'low', name: 'fieldfileWatch', override: true },
    );
    // Last of all: a given client's own middleware may put another request in place of this one.
    stack.add(
      next => args => {
        const sent = underWay(args.input);
        if (sent) this.#requests.set(args.request as object, sent);
        return next(args);
      },
      { step: 'deserialize', priority: 'low', name: 'fieldfileSignal', override: true },
    );
    stack.add(
      (next, { commandName = '' }) =>
        args => {
          const { request } = args as { readonly request: { headers: Record<string, string> } };
          const sent = underWay(args.input);
          if (sent) Object.assign(request.headers, sent.headers, this.#customerKeyHeaders(commandName));
          return next(args);
        },
      // Before the SDK makes checksums: with one that is asked for it sends none of a body that is not there.
      { step: 'build', name: 'fieldfileHeaders', override: true },
    );
    stack.add(
      next => args => {
        const { request } = args as { readonly request: Parameters<typeof digestByMd5>[0] };
        if (underWay(args.input)?.md5) digestByMd5(request);
        return next(args);
      },
      { step: 'build', priority: 'low', name: 'fieldfileMd5', override: true },
    );
  }

  close(): void {
    if (this.#ownsClient) this.client.destroy();
  }

  /** An object that is a web page, or a web page in place of every object? A listing is told by a store alone. */
  async #checkStore(output: object, { operation, signal }: Call): Promise<void> {
    if (this.#isStore) return;
    try {
      await this.send(new ListObjectsV2Command({ Bucket: this.bucket, MaxKeys: 1 }), { operation, signal });
    } catch (error) {
      if (isFieldFileError(error, 'permission')) return;
      const { Body } = output as { readonly Body?: unknown };
      if (Body instanceof Readable) Body.on('error', () => {}).destroy();
      throw error;
    }
  }

  /** A HEAD's 404 has no body that says what is missing. Asked once. */
  async #checkBucket(call: Call): Promise<void> {
    if (this.#bucketIsThere) return;
    try {
      await this.send(new HeadBucketCommand({ Bucket: this.bucket }), call);
    } catch (error) {
      if (isFieldFileError(error, 'not-found')) throw missingBucket(this.context(call), error);
      if (!isFieldFileError(error, 'permission')) throw error;
    }
    this.#bucketIsThere = true;
  }
}

function newClient(options: S3StorageOptions): S3Client {
  const { regionName, endpointUrl, accessKey, secretKey, securityToken, timeoutSeconds = 60 } = options;
  const { addressingStyle = endpointUrl === undefined ? 'virtual' : 'path' } = options;
  const { checksums = endpointUrl === undefined ? 'when-supported' : 'when-required' } = options;
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS, highWaterMark: SOCKET_BUFFER_BYTES };
  // A service of one's own has one region, which only the signature names.
  const region = regionName ?? (endpointUrl === undefined ? undefined : 'us-east-1');
  return new S3Client({
    ...(region === undefined ? {} : { region }),
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
    ...(accessKey === undefined || secretKey === undefined
      ? {}
      : {
          credentials: {
            accessKeyId: accessKey,
            secretAccessKey: secretKey,
            ...(securityToken === undefined ? {} : { sessionToken: securityToken }),
          },
        }),
    forcePathStyle: addressingStyle === 'path',
    maxAttempts: 1,
    cacheMiddleware: true,
    requestChecksumCalculation: checksums === 'when-supported' ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // It costs a connection of its own for every upload beyond 2 MiB; names are asked for beforehand here.
    expectContinueHeader: false,
    requestHandler: {
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
      connectionTimeout: timeoutSeconds * 1000,
      socketTimeout: timeoutSeconds * 1000,
    },
  });
}

const TELL_CHECKSUM: Readonly<Record<string, string>> = { 'x-amz-checksum-mode': 'ENABLED' };

const NONE: Readonly<Record<string, string>> = {};

/** One request, as the SDK's middleware is told of it and tells of it. */
interface UnderWay {
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly md5: boolean;
  readonly signal: AbortSignal;
  answeredAt?: Date | undefined;
  /** Whether somebody else than a store may have answered. */
  isDoubtful?: boolean;
}

/** Where a command's input says of which request it is: the SDK hands copies of it on. */
const UNDER_WAY = Symbol('fieldfile under way');

const underWay = (input: object): UnderWay | undefined =>
  (input as { readonly [UNDER_WAY]?: UnderWay })[UNDER_WAY];

/** What an error of the SDK has of the answer. */
interface Answered {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

type MiddlewareStack<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = Pick<
  S3Command<Input, Output>['middlewareStack'],
  'add'
>;

function dateOf(response: unknown): Date | undefined {
  const { date } = (response as { readonly headers?: { readonly date?: string } } | undefined)?.headers ?? {};
  const parsed = new Date(date ?? '');
  return Number.isNaN(parsed.getTime()) ? undefined : parsed;
}
