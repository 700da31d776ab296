import { FieldFileError } from '@fieldfile/storage';

/** What tells a file's type by its first bytes. */
export interface Detector {
  /** The types it knows. */
  readonly types: readonly string[];
  detect(bytes: Uint8Array): Promise<string | undefined>;
}

/** As many bytes as the library recommends. */
export const DETECTED_BYTES = 4100;

/** Not a literal where it is imported: bundlers would ask for a package that need not be there. */
const LIBRARY = 'file-type';

let loading: Promise<Detector | undefined> | undefined;

/** The library, loaded when it is first needed; undefined where it is not installed. */
export function detector(): Promise<Detector | undefined> {
  loading ??= load();
  return loading;
}

/** The part of the library that is used. */
interface Library {
  readonly supportedMimeTypes: Iterable<string>;
  fileTypeFromBuffer(bytes: Uint8Array): Promise<{ readonly mime: string } | undefined>;
}

async function load(): Promise<Detector | undefined> {
  let library: Library;
  try {
    library = (await import(/* @vite-ignore */ /* webpackIgnore: true */ LIBRARY)) as Library;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new FieldFileError(
      'unsupported',
      `${LIBRARY} is installed and cannot be loaded: mend or remove it.`,
      {
        operation: 'save',
        cause: error,
      },
    );
  }
  const { fileTypeFromBuffer, supportedMimeTypes } = library;
  return {
    types: Array.from(supportedMimeTypes, type => type.toLowerCase()),
    detect: async bytes =>
      (await fileTypeFromBuffer(bytes))?.mime ?? (isTiff(bytes) ? 'image/tiff' : undefined),
  };
}

/** The library wants to see its directory, which most programs write at the end. */
const isTiff = (bytes: Uint8Array): boolean => {
  const start = bytes.subarray(0, 4).join();
  return start === '73,73,42,0' || start === '77,77,0,42';
};

/** Node names the code; browsers and other runtimes only throw a `TypeError`. */
const isMissing = (error: unknown): boolean =>
  error instanceof TypeError || (error as { readonly code?: unknown }).code === 'ERR_MODULE_NOT_FOUND';
