import type { Asked } from './asked.ts';

/** An answer that nobody keeps. */
export const answerOf = (content: unknown): Response =>
  Response.json(content, { headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } });

/** Where forms are sent. An upload's address is this and its token. */
export const formUrl = ({ settings, url }: Asked): string => new URL(`${settings.baseUrl}s3/form`, url).href;
