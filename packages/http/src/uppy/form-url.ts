import type { Asked } from './asked.ts';

/** Where forms are sent. An upload's address is this and its token. */
export const formUrl = ({ settings, url }: Asked): string => new URL(`${settings.baseUrl}s3/form`, url).href;
