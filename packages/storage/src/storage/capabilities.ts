import type { ObjectName } from '../names/object-name.ts';
import type { Backend, Digest, UploadTarget } from './backend.ts';
import type { WritesParts } from './parts.ts';

/**
 * Headers to be answered with in place of the object's own. S3, Azure, disk and memory have them, and not every service:
 * `unsupported` on Google Cloud Storage.
 */
export interface ResponseHeaders {
  readonly cacheControl?: string;
  readonly contentLanguage?: string;
  readonly contentEncoding?: string;
}

/** How a URL shall behave. */
export interface UrlOptions extends ResponseHeaders {
  /** From now, in whole seconds, at least 1. */
  readonly expiresInSeconds: number;
  /** Serve under this file name, for saving; where `disposition` says no other, as an attachment. */
  readonly download?: string;
  /** Show it in the browser, or save it. Default: as the object says, and `'attachment'` with a `download` name. */
  readonly disposition?: 'inline' | 'attachment';
  /** Serve with this content type. */
  readonly contentType?: string;
}

/** How `Storage.url` shall behave. What is left out is the storage's to choose. */
export interface ObjectUrlOptions extends Omit<UrlOptions, 'expiresInSeconds'> {
  /** For how long a signed URL holds. Without effect where nothing is signed. Default: 3600. */
  readonly expiresInSeconds?: number;
}

/** What a signed upload may bind. */
export type Bound =
  | 'method'
  | 'name'
  | 'expiry'
  | 'type'
  | 'exact-length'
  | 'max-length'
  | 'digest'
  | 'no-overwrite'
  | 'replaces';

export interface SignedUploadOptions extends UrlOptions {
  readonly maxBytes?: number;
  readonly exactBytes?: number;
  /** What the body must have, where it is known beforehand. Disk and memory bind `sha256`, `md5`, `crc32` and `crc32c`. */
  readonly digest?: Digest;
  /**
   * The object that the upload is to take the place of, and the write that it is: so it can be made once, and `uploaded`
   * tells what became of it. A backend that cannot bind the one has the upload go aside, and `uploaded` puts it in place.
   * With `exactBytes`, which must be another length than that object's.
   */
  readonly replaces?: UploadTarget;
}

/** A request that a browser may make to upload one object. */
export interface SignedUpload<B extends Bound = Bound> {
  readonly method: 'PUT' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, string>>;
  /** What the provider itself enforces; the rest is for whoever accepts the upload to verify. */
  readonly enforced: ReadonlySet<B>;
}

/** The headers of {@link ResponseHeaders} that were asked for. */
export function responseHeaders({
  cacheControl,
  contentLanguage,
  contentEncoding,
}: ResponseHeaders): ResponseHeaders {
  return {
    ...(cacheControl === undefined ? {} : { cacheControl }),
    ...(contentLanguage === undefined ? {} : { contentLanguage }),
    ...(contentEncoding === undefined ? {} : { contentEncoding }),
  };
}

/** A backend whose objects have an address anybody may read. */
export interface PublishesUrls {
  publicUrl(name: ObjectName): string;
}

/** A backend that can sign a download. Asynchronous, since some ask the provider for the signature. */
export interface SignsUrls {
  signUrl(name: ObjectName, options: UrlOptions): Promise<string>;
}

/** A backend that can sign an upload, binding `B`. */
export interface SignsUploads<B extends Bound = Bound> {
  signUpload(name: ObjectName, options: SignedUploadOptions): Promise<SignedUpload<B>>;
}

/** A backend whose objects are files of this machine. */
export interface HasLocalPath {
  localPath(name: ObjectName): string;
}

/** All that a backend can do beyond. What is added here has to be thought of by every wrapper. */
export interface Capabilities extends PublishesUrls, SignsUrls, SignsUploads, HasLocalPath, WritesParts {}

const has = (backend: Backend, method: keyof Capabilities): boolean =>
  typeof (backend as unknown as Record<string, unknown>)[method] === 'function' &&
  !(backend.cannot as readonly string[] | undefined)?.includes(method);

/** Whether `publicUrl` of this very backend may be called: it is there, and not among what it {@link Backend.cannot}. */
export function publishesUrls<B extends Backend>(backend: B): backend is B & PublishesUrls {
  return has(backend, 'publicUrl');
}

/** Whether `signUrl` of this very backend may be called. */
export function signsUrls<B extends Backend>(backend: B): backend is B & SignsUrls {
  return has(backend, 'signUrl');
}

/** Whether `signUpload` of this very backend may be called. */
export function signsUploads<B extends Backend>(backend: B): backend is B & SignsUploads {
  return has(backend, 'signUpload');
}

/** Whether the backend's objects are files of this machine. */
export function hasLocalPath<B extends Backend>(backend: B): backend is B & HasLocalPath {
  return has(backend, 'localPath');
}

/** Whether the backend writes objects in parts. */
export function writesParts<B extends Backend>(backend: B): backend is B & WritesParts {
  return (backend as Partial<WritesParts>).parts !== undefined;
}
