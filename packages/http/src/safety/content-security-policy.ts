import type { ContentKind } from './content-kind.ts';

/**
 * The policy of a file that is opened by itself. Nothing runs in any of them; the difference is what a browser's own viewer
 * needs, which is subject to the policy, too.
 *
 * - An image and a text are shown in a sandbox, and their viewers style them.
 * - A player loads the file again as a medium of its own origin, which a sandbox does not have: in one it never plays.
 * - A PDF viewer is an object, and does not start in a sandbox.
 */
const POLICIES: Readonly<Record<ContentKind, string>> = {
  image: "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox",
  media: "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'",
  text: "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  pdf: "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'",
  other: "default-src 'none'; sandbox",
};

export const contentSecurityPolicy = (kind: ContentKind): string => POLICIES[kind];

/** For answers that are no file. */
export const NOTHING: string = POLICIES.other;
