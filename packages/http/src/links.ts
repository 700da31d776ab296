/** Links to files that can be taken back. */
export type { Link, LinkedRow, LinkedVersion, LinkState, LinkTerms } from './links/link.ts';
export type { LinkEvent } from './links/link-event.ts';
export { isLinkRefused, type LinkRefusal, LinkRefusedError } from './links/link-refused.ts';
export { type LinkRouteOptions, linkRoute } from './links/link-route.ts';
export type { LinkPage, LinkQuery, LinkStore } from './links/link-store.ts';
export { linkTable } from './links/link-table.ts';
export type { LinkedField } from './links/linked-file.ts';
export {
  type GivenLink,
  type GiveOptions,
  type Linkable,
  type LinkFilter,
  Links,
  type LinksOptions,
  type OpenLink,
  type OpenLinkOptions,
} from './links/links.ts';
export { MemoryLinks } from './links/memory-links.ts';
export { SqlLinks, type SqlLinksOptions } from './links/sql-links.ts';
