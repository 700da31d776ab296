import { mkdtemp, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CallOptions,
  FieldFileError,
  isFieldFileError,
  type ObjectInfo,
  type StoredFile,
} from '@fieldfile/core';
import { type Deriving, deriving, type Making } from '@fieldfile/core/derived';
import { fromPath } from '@fieldfile/core/node';
import { infoIfThere, reported } from '@fieldfile/storage/internal';
import type { ImageProcessor } from '../processor/image-processor.ts';
import {
  contentTypeOfFormat,
  nameOfTransformation,
  type Transformation,
} from '../processor/transformation.ts';
import { buildLock } from './build-lock.ts';
import { localImage } from './local-image.ts';
import { LazyVariant, type Variant } from './variant.ts';
import { checkedVariant, transformationFor, type VariantOptions } from './variant-options.ts';

export interface ImageVariantsOptions {
  /** What makes them: `sharpProcessor()`, `childProcessor()`, or one of your own. */
  readonly processor: ImageProcessor;
  /** Where files are kept while they are made. Default: the system's folder for temporary files. */
  readonly folder?: string;
  /** Originals that are no files of this machine are copied for the processor, up to this size. Default: 50 MiB. */
  readonly maxInputBytes?: number;
  /** A process that shows no life for so long does not build any more, and another one takes over. Default: 15. */
  readonly lockSeconds?: number;
  /** Longest time to wait for a variant that another process builds. Default: 60. */
  readonly waitSeconds?: number;
}

export interface VariantRequest extends CallOptions {
  /** The `Accept` header of whoever asks, for variants that have several formats. */
  readonly accept?: string | null;
}

const MIB = 1024 * 1024;

/**
 * Variants of images: named ones that are declared with the field, and any other transformation.
 *
 * A variant is built when it is first read, once, by whichever process comes first; it is kept on the field's storage, or on
 * its `variantStorage`, and goes with its original.
 *
 * @example
 * ```ts
 * import { defineFiles, model } from '@fieldfile/core';
 * import { imageField } from '@fieldfile/image';
 * import { ImageVariants, sharpProcessor } from '@fieldfile/image/node';
 *
 * interface User {
 *   id: number;
 *   avatar: string | null;
 * }
 * const users = defineFiles(model<User>()('user', 'id'), {
 *   avatar: imageField({ variants: { thumb: { width: 200, height: 200, fit: 'cover', format: 'webp' } } }),
 * });
 * const variants = new ImageVariants({ processor: sharpProcessor() });
 *
 * export async function thumbOf(user: User): Promise<string | undefined> {
 *   const { stored } = users.avatar.of(user);
 *   return stored ? (await variants.of(stored, 'thumb')).url() : undefined;
 * }
 * ```
 */
export class ImageVariants {
  readonly #options: Required<ImageVariantsOptions>;
  /** What this process is building. */
  readonly #building = new Map<string, Promise<ObjectInfo>>();

  constructor(options: ImageVariantsOptions) {
    this.#options = {
      folder: tmpdir(),
      maxInputBytes: 50 * MIB,
      lockSeconds: 15,
      waitSeconds: 60,
      ...options,
    };
  }

  /**
   * A variant of an image. Nothing is built yet; the storage is asked only where the row has no digest column.
   *
   * @param variant the name of a declared one, or what is to be made.
   * @throws `invalid-argument` for a name that is not declared, or a field without `variants`.
   */
  async of(
    file: StoredFile,
    variant: string | VariantOptions,
    request: VariantRequest = {},
  ): Promise<Variant> {
    const of = deriving(file);
    const options =
      typeof variant === 'string' ? declaredVariant(of, variant) : checkedVariant(variant, 'The variant');
    const { identity } = await of.identify(request.signal ? { signal: request.signal } : {});
    return this.known(of, identity, options, request.accept);
  }

  /** Builds every declared variant of an image that is not there: right after a save, or in a job. */
  async buildAll(file: StoredFile, request: VariantRequest = {}): Promise<void> {
    for (const name of Object.keys(deriving(file).kinds)) {
      const options = declaredVariant(deriving(file), name);
      const formats = 'formats' in options ? options.formats : [options.format];
      for (const format of formats)
        await (await this.of(file, name, { ...request, accept: `image/${format}` })).build();
    }
  }

  /** A variant of an image whose bytes are known. */
  known(of: Deriving, identity: string, options: VariantOptions, accept: string | null | undefined): Variant {
    const transformation = transformationFor(options, accept);
    const name = of.nameOf(identity, nameOfTransformation(transformation));
    return new LazyVariant({
      object: { storage: of.storage, name },
      transformation,
      vary: 'formats' in options ? ['accept'] : [],
      make: () => this.#once(of, name, identity, transformation),
    });
  }

  #once(of: Deriving, name: string, identity: string, transformation: Transformation): Promise<ObjectInfo> {
    const id = `${of.storage.id}\n${name}`;
    const running = this.#building.get(id);
    if (running) return running;
    const building = this.#build(of, name, identity, transformation).finally(() => this.#building.delete(id));
    this.#building.set(id, building);
    return building;
  }

  async #build(
    of: Deriving,
    name: string,
    identity: string,
    transformation: Transformation,
  ): Promise<ObjectInfo> {
    const { lockSeconds, waitSeconds } = this.#options;
    const content = await of.look();
    if (content.identity !== identity) throw outdated(of, name);
    let done: ObjectInfo | undefined;
    const lock = await buildLock(of, name, {
      staleMs: lockSeconds * 1000,
      waitMs: waitSeconds * 1000,
      isDone: async () => {
        done = await infoIfThere(of.storage, name);
        return done !== undefined;
      },
    });
    if (!lock) return done ?? of.storage.info(name);
    try {
      return await this.#made(of, lock.making, content, transformation);
    } catch (error) {
      // Stored by somebody who took the lock over.
      if (isFieldFileError(error, 'exists')) return await of.storage.info(name);
      throw error;
    } finally {
      await reported(() => lock.release());
    }
  }

  async #made(
    of: Deriving,
    making: Making,
    content: Awaited<ReturnType<Deriving['look']>>,
    transformation: Transformation,
  ): Promise<ObjectInfo> {
    const { processor, folder, maxInputBytes } = this.#options;
    const own = await mkdtemp(join(folder, 'fieldfile-image-'));
    try {
      const input = await localImage(of.original, content.version, own, maxInputBytes);
      const output = join(own, 'variant');
      await processor.process({ input, output, transformation });
      return await making.store(fromPath(output, { consume: true }), content, {
        contentType: contentTypeOfFormat(transformation.format),
      });
    } finally {
      // Empty as a rule: what was made is the storage's by now.
      await rmdir(own).catch(() => rm(own, { recursive: true, force: true }));
    }
  }
}

/** @throws `invalid-argument`. */
function declaredVariant({ kinds, label }: Deriving, name: string): VariantOptions {
  const found = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (found) return found as VariantOptions;
  throw new FieldFileError(
    'invalid-argument',
    `${label} has no variant ${JSON.stringify(name)}: it has ${Object.keys(kinds).join(', ') || 'none'}.`,
    { operation: 'variant', field: label },
  );
}

const outdated = (of: Deriving, name: string): FieldFileError =>
  new FieldFileError(
    'not-found',
    `${JSON.stringify(name)} is of other bytes than ${of.label} has now: it is not made any more. Load the row again.`,
    { operation: 'build', storage: of.storage.id, name, field: of.label },
  );
