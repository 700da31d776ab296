import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessTokens } from './gcs/access-tokens.ts';
import { Buckets } from './gcs/buckets.ts';
import { ResumableUploads } from './gcs/resumable.ts';
import { Router } from './gcs/router.ts';
import { type GcsCredentials, ServiceAccount } from './gcs/service-account.ts';

export type { GcsCredentials } from './gcs/service-account.ts';

/** Options of {@link startGcsServer}. */
export interface GcsServerOptions {
  /** Port on 127.0.0.1; a free one by default. */
  readonly port?: number;
  /** Buckets that exist from the start. */
  readonly buckets?: readonly string[];
  /** Project of the service account; `test-project` by default. */
  readonly projectId?: string;
  /** Refuse JSON API calls without a token; off by default, since the SDK sends none to a custom endpoint. */
  readonly requireAuthorization?: boolean;
  /** Folder under which the server makes one of its own for objects; the system's temporary folder by default. */
  readonly folder?: string;
}

/** A running server, and what a client needs to use it. */
export interface GcsServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, the SDK's `apiEndpoint`. */
  readonly endpoint: string;
  readonly projectId: string;
  /** A service account made for this server: V4 signed URLs and POST policies of any other are refused. */
  readonly credentials: GcsCredentials;
  /** A bearer token that may do everything. One the server does not know is answered with 401. */
  readonly accessToken: string;
  /** A bearer token that is answered with 403 wherever it would write. */
  readonly readOnlyAccessToken: string;
  /** Resumable uploads that were started and neither finished nor cancelled. */
  readonly pendingUploads: number;
  /** What the service does a week after they were started: it knows none of the resumable uploads any more. */
  forgetUploads(): Promise<void>;
  /** Closes every connection and removes every object. */
  close(): Promise<void>;
}

/**
 * Starts a strict server of Google Cloud Storage's JSON API, and of what signed URLs and POST policies need of its
 * XML API, on a loopback port. Objects live in a temporary folder until it is closed.
 *
 * @example
 * await using server = await startGcsServer({ buckets: ['avatars'] });
 * const storage = new Storage({ apiEndpoint: server.endpoint, projectId: server.projectId, credentials: server.credentials });
 */
export async function startGcsServer(options: GcsServerOptions = {}): Promise<GcsServer> {
  const projectId = options.projectId ?? 'test-project';
  const account = await ServiceAccount.generate(projectId);
  const buckets = new Buckets();
  for (const name of options.buckets ?? []) buckets.create(name);
  const folder = await mkdtemp(join(options.folder ?? tmpdir(), 'gcs-'));
  const uploads = new ResumableUploads(folder);
  const tokens = new AccessTokens();
  const { requireAuthorization = false } = options;
  const router = new Router({ buckets, uploads, account, tokens, requireAuthorization, folder });
  const underWay = new Set<Promise<void>>();
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    const handled = router.handle(request, response).finally(() => underWay.delete(handled));
    underWay.add(handled);
  });
  // An idle connection is the client's to close: closing it here would race with its next request.
  server.keepAliveTimeout = 0;

  const removeFolder = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
    });
  } catch (cause) {
    await removeFolder();
    throw cause;
  }
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      // Their files must be written or given up before the folder can go.
      await Promise.all(underWay);
      await uploads[Symbol.asyncDispose]();
      await removeFolder();
    })();
    return closing;
  };
  return {
    endpoint: `http://127.0.0.1:${port}`,
    projectId,
    credentials: account.credentials,
    accessToken: tokens.full,
    readOnlyAccessToken: tokens.readOnly,
    get pendingUploads() {
      return uploads.pending;
    },
    forgetUploads: () => uploads.forget(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
