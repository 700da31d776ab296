import {
  type CallOptions,
  isFieldFileError,
  type ObjectInfo,
  type OpenedObject,
  type OpenObjectOptions,
  type Storage,
} from '@fieldfile/core';
import { infoIfThere } from '@fieldfile/storage/internal';
import { contentTypeOfFormat, type Transformation } from '../processor/transformation.ts';

/** One variant of one image: a file that is made when it is first asked for. It can be served as it is. */
export interface Variant {
  /** Its name on the storage: made of the original's bytes and of the transformation, so that it never means anything else. */
  readonly name: string;
  /** Where it is, once it is built. */
  readonly object: { readonly storage: Storage; readonly name: string };
  readonly transformation: Transformation;
  readonly contentType: string;
  /** Request headers that the format was chosen by, for `Vary`. */
  readonly vary: readonly string[];
  /** Itself, as of a handle that has a file. */
  readonly stored: Variant;
  /** Builds it, unless it is there: once, however many ask, in however many processes. */
  build(): Promise<ObjectInfo>;
  /** Whether it is built. */
  exists(options?: CallOptions): Promise<boolean>;
  /** Builds it if it is not there. */
  open(options?: OpenObjectOptions): Promise<OpenedObject>;
  /** Builds it if it is not there. */
  info(options?: CallOptions): Promise<ObjectInfo>;
  /** Where it can be read, built. @throws `unsupported` on a storage without URLs. */
  url(options?: { readonly expiresInSeconds?: number }): Promise<string>;
}

/** What a variant is made of. */
export interface VariantParts extends Pick<Variant, 'object' | 'transformation' | 'vary'> {
  /** Builds it, where it was found missing. */
  make(): Promise<ObjectInfo>;
}

/** A variant that is built when it is first asked for. A class, since one is made for every request that is served. */
export class LazyVariant implements Variant {
  readonly object: Variant['object'];
  readonly transformation: Transformation;
  readonly vary: readonly string[];
  readonly #make: () => Promise<ObjectInfo>;

  constructor({ object, transformation, vary, make }: VariantParts) {
    this.object = object;
    this.transformation = transformation;
    this.vary = vary;
    this.#make = make;
  }

  get name(): string {
    return this.object.name;
  }

  get contentType(): string {
    return contentTypeOfFormat(this.transformation.format);
  }

  /** Not a property of its own: whoever walks those would never end. */
  get stored(): Variant {
    return this;
  }

  build(): Promise<ObjectInfo> {
    return this.info();
  }

  exists(options: CallOptions = {}): Promise<boolean> {
    return this.object.storage.exists(this.name, options);
  }

  async open(options: OpenObjectOptions = {}): Promise<OpenedObject> {
    const { storage, name } = this.object;
    try {
      return await storage.open(name, options);
    } catch (error) {
      if (!isFieldFileError(error, 'not-found')) throw error;
      await this.#make();
      return storage.open(name, options);
    }
  }

  async info(options: CallOptions = {}): Promise<ObjectInfo> {
    return (await infoIfThere(this.object.storage, this.name, options)) ?? this.#make();
  }

  async url(options: { readonly expiresInSeconds?: number } = {}): Promise<string> {
    await this.build();
    return this.object.storage.url(this.name, options);
  }
}
