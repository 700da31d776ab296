import { FieldFileError } from '@fieldfile/storage';
import { takesName, takesType } from './accept.ts';
import { agree, essenceOf, extensionType, isScriptable } from './media-type.ts';

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

/** Why a file is not taken, with all that is said of it. */
export function refused({ label, accept, filename, declaredType }: Claim, found?: string): FieldFileError {
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
