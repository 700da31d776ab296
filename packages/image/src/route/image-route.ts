import { type AnyFileField, FieldFileError, type FileReference, type StoredFile } from '@fieldfile/core';
import { deriving } from '@fieldfile/core/derived';
import { problem, type ServeOptions, serve, type Tokens } from '@fieldfile/http';
import type { ImageVariants } from '../variants/image-variants.ts';
import { checkedVariant, type VariantOptions } from '../variants/variant-options.ts';

export interface ImageRouteOptions {
  /** Where the handler is: a path such as `/images/`, or a URL, which `url` begins with then. */
  readonly baseUrl: string;
  readonly variants: ImageVariants;
  /** Signs what a URL asks for, so that nobody else can ask for more. */
  readonly tokens: Tokens;
  /** The image fields that the route serves. */
  readonly fields: readonly AnyFileField[];
  /** How variants are served. They are `immutable` unless it says otherwise. */
  readonly serve?: ServeOptions;
}

export interface ImageUrlOptions {
  /** How long the URL holds; null: for ever. Default: a day. */
  readonly expiresInSeconds?: number | null;
  /** The URL stays the same for so long, so that browsers keep what it gave. Default: an hour. */
  readonly expiryStepSeconds?: number;
}

/** A Web handler, and what makes the URLs that it answers. */
export interface ImageRoute {
  /**
   * The address of a variant: a declared one, or any other transformation. Nothing is built yet. Who has the address may
   * read the variant; it has the row's key and the file's name, which anybody can read in it.
   */
  url(file: StoredFile, variant: string | VariantOptions, options?: ImageUrlOptions): Promise<string>;
  /** Answers GET and HEAD. The first who asks has the variant built. */
  readonly handler: (request: Request) => Promise<Response>;
}

const PURPOSE = 'image';
const DAY = 86_400;
const HOUR = 3600;

/**
 * Serves variants on the fly: a URL says which image and what is to be made, and is signed. Several formats are chosen among
 * by `Accept`, with `Vary`.
 *
 * @example
 * ```ts
 * import { randomBytes } from 'node:crypto';
 * import { defineFiles, model } from '@fieldfile/core';
 * import { Tokens } from '@fieldfile/http';
 * import { imageField } from '@fieldfile/image';
 * import { imageRoute } from '@fieldfile/image/http';
 * import { ImageVariants, sharpProcessor } from '@fieldfile/image/node';
 *
 * interface User {
 *   id: number;
 *   avatar: string | null;
 * }
 * const users = defineFiles(model<User>()('user', 'id'), { avatar: imageField({ variants: {} }) });
 *
 * export const images = imageRoute({
 *   baseUrl: '/images/',
 *   variants: new ImageVariants({ processor: sharpProcessor() }),
 *   tokens: new Tokens({ secrets: process.env.IMAGE_SECRET ?? randomBytes(32) }),
 *   fields: [users.avatar],
 * });
 * export const avatarUrl = async (user: User): Promise<string | undefined> => {
 *   const { stored } = users.avatar.of(user);
 *   return stored ? images.url(stored, { width: 64, formats: ['avif', 'webp', 'jpeg'] }) : undefined;
 * };
 * ```
 */
export function imageRoute(options: ImageRouteOptions): ImageRoute {
  const { baseUrl, tokens } = options;
  const base = baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`;
  const { pathname: path } = new URL(base, 'http://localhost');
  return {
    async url(file, variant, { expiresInSeconds = DAY, expiryStepSeconds = HOUR } = {}) {
      const of = deriving(file);
      const what = typeof variant === 'string' ? variant : checkedVariant(variant, 'The variant');
      if (typeof what === 'string' && !Object.hasOwn(of.kinds, what))
        throw new FieldFileError('invalid-argument', `${of.label} has no variant ${JSON.stringify(what)}.`, {
          operation: 'url',
        });
      const { identity } = await of.identify();
      const token = tokens.sign({
        purpose: PURPOSE,
        method: 'GET',
        storage: of.original.storage.id,
        name: of.original.name,
        expiresInSeconds,
        expiryStepSeconds,
        data: { of: JSON.stringify(file.reference()), bytes: identity, make: JSON.stringify(what) },
      });
      return base + token;
    },
    async handler(request) {
      try {
        return await answer(request, path, options);
      } catch (error) {
        const onError = options.serve?.onError;
        return problem(error, { request, ...(onError ? { onError } : {}) });
      }
    },
  };
}

/** @param path that the token stands behind. */
async function answer(
  request: Request,
  path: string,
  { variants, tokens, fields, serve: serving }: ImageRouteOptions,
): Promise<Response> {
  const token = new URL(request.url).pathname.slice(path.length);
  const { data } = tokens.verify(token, {
    purpose: PURPOSE,
    method: request.method === 'HEAD' ? 'GET' : request.method,
    storages: fields.flatMap(({ storage }) => [storage.id, ...storage.formerIds]),
  });
  const reference = JSON.parse(String(data.of)) as FileReference;
  const make = JSON.parse(String(data.make)) as string | VariantOptions;
  const found = fields.find(({ label }) => label === `${reference.model}.${reference.field}`);
  const file = found?.revive(reference).stored;
  if (!file) throw new FieldFileError('not-found', 'There is no such image.', { operation: 'serve' });
  const of = deriving(file);
  const options = typeof make === 'string' ? (of.kinds[make] as VariantOptions | undefined) : make;
  if (!options) throw new FieldFileError('not-found', 'There is no such variant.', { operation: 'serve' });
  const variant = variants.known(of, String(data.bytes), options, request.headers.get('accept'));
  return serve(request, variant, {
    immutable: true,
    ...(variant.vary.length > 0 ? { vary: variant.vary } : {}),
    ...serving,
  });
}
