import { FieldFileError } from '@fieldfile/storage';
import { takesName, takesType } from './accept.ts';
import type { Detector } from './detector.ts';
import { agree, essenceOf, extensionType, isScriptable, isTextual, mayBe } from './media-type.ts';

/** What is said of a file that a field with an `accept` list is given. */
export interface Claim {
  /** `model.field`, for messages. */
  readonly label: string;
  readonly accept: readonly string[];
  readonly filename: string;
  /** As the content or the caller has it. */
  readonly declaredType: string | undefined;
}

/**
 * The type that a file may be stored with: what its name says, which is what a file server goes by. Declared type and
 * extension must agree, and the list must take what they say; an extension that nobody knows agrees with no type.
 *
 * @returns undefined where the list takes the extension, and nothing says of what type it is.
 * @throws `not-accepted`, naming the declared type, the extension and the content.
 */
export function approvedType(claim: Claim): string | undefined {
  const { accept, filename, declaredType } = claim;
  const declared = essenceOf(declaredType);
  const extension = extensionType(filename);
  const named = typeof extension === 'object' ? extension.type : undefined;
  if (declared !== undefined && named !== undefined && !agree(declared, named)) throw refused(claim);
  const byName = accept.some(entry => takesName(entry, filename));
  const byType =
    accept.some(entry => takesType(entry, declared) || takesType(entry, named)) &&
    (extension !== 'unknown' || accept.includes('*/*'));
  // Nothing but the client says that it is HTML, and the list does not.
  const onItsWord = declared !== undefined && named === undefined && isScriptable(declared);
  if (!(byName || byType) || (onItsWord && !accept.some(entry => takesType(entry, declared))))
    throw refused(claim);
  // With its parameters, as `charset`, where both say the same.
  return named === undefined || named === declared ? declared && declaredType : named;
}

/**
 * Holds the first bytes of a file against the type it was approved with.
 *
 * @throws `not-accepted` for content that is something else, as far as that type is one that can be recognised.
 */
export async function checkContent(
  claim: Claim,
  approved: string | undefined,
  bytes: Uint8Array,
  detector: Detector,
): Promise<void> {
  const type = essenceOf(approved);
  if (type === undefined) return;
  const found = essenceOf(await detector.detect(bytes));
  if (found !== undefined && mayBe(type, found)) return;
  const canTell = isTextual(type) ? found !== undefined : detector.types.some(known => mayBe(type, known));
  // A text may begin as a binary format does, with the letters BM or PK.
  if (!canTell || (isTextual(type) && isText(bytes))) return;
  throw refused(claim, found ?? (bytes.byteLength === 0 ? 'empty' : 'unknown'));
}

/** In whatever encoding that keeps ASCII: no control characters but those of texts. */
const isText = (bytes: Uint8Array): boolean =>
  bytes.every(byte => byte >= 0x20 || (byte >= 0x08 && byte <= 0x0d) || byte === 0x1b);

function refused({ label, accept, filename, declaredType }: Claim, found?: string): FieldFileError {
  const extension = extensionType(filename);
  const byName = typeof extension === 'object' ? extension.type : extension;
  return new FieldFileError(
    'not-accepted',
    `${label} accepts ${accept.join(', ')}, not ${JSON.stringify(filename)}: declared type ${declaredType || 'none'}, ` +
      `type by extension ${byName}, content ${found ?? 'not looked at'}. These must agree and be accepted; ` +
      'SVG, HTML and XML are only where they are named.',
    { operation: 'save', field: label, name: filename },
  );
}
