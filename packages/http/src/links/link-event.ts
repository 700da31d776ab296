import type { Link } from './link.ts';
import type { LinkRefusal } from './link-refused.ts';

/** What happened to a link, for an audit. */
export type LinkEvent =
  | { readonly type: 'given'; readonly link: Link }
  /** One use was counted. `link` is as it was right before. */
  | { readonly type: 'used'; readonly link: Link }
  | { readonly type: 'taken-back'; readonly link: Link }
  /** Somebody had a link that gives nothing. `link` is missing where it is not known. */
  | { readonly type: 'refused'; readonly reason: LinkRefusal; readonly link?: Link };
