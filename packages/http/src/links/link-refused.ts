import { FieldFileError, isFieldFileError } from '@fieldfile/storage';
import type { LinkState } from './link.ts';

/** Why a link gives nothing. */
export type LinkRefusal =
  | Exclude<LinkState, 'open'>
  /** No link of ours: another secret signed it, or it was changed or removed. */
  | 'unknown'
  /** The application says that this client may not use it. */
  | 'not-allowed'
  /** The row it was given for is not there any more. */
  | 'row-gone'
  /** The row has no file any more, or the object is not there. */
  | 'file-gone'
  /** The row has another file now, or other bytes, and the link is for those it was given for. */
  | 'file-changed';

const WHY: Readonly<Record<LinkRefusal, string>> = {
  expired: 'has expired',
  'used-up': 'was used as often as it may be',
  'taken-back': 'was taken back',
  unknown: 'is not known',
  'not-allowed': 'is for somebody else',
  'row-gone': 'is for something that is not there any more',
  'file-gone': 'is for a file that is not there any more',
  'file-changed': 'is for a file that was changed since',
};

/** A link that gives nothing; its `code` is `permission`. Nothing of the link's text is in it. */
export class LinkRefusedError extends FieldFileError {
  override readonly name: string = 'LinkRefusedError';
  readonly reason: LinkRefusal;

  constructor(reason: LinkRefusal) {
    super('permission', `This link ${WHY[reason]}.`, { operation: 'redeem' });
    this.reason = reason;
  }
}

/** Whether an error says that a link gives nothing, also one of another installed copy. */
export function isLinkRefused(error: unknown): error is LinkRefusedError {
  return isFieldFileError(error, 'permission') && error.name === 'LinkRefusedError';
}
