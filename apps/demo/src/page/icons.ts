import type { VNode } from 'preact';
import { html } from './html.ts';

const PATHS = {
  upload: 'M12 16V4m0 0L7 9m5-5 5 5M5 20h14',
  download: 'M12 4v12m0 0 5-5m-5 5-5-5M5 20h14',
  search: 'M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13Zm4.6-1.9L20 20',
  close: 'M6 6l12 12M18 6 6 18',
  pause: 'M9 5v14m6-14v14',
  play: 'M8 5l11 7-11 7Z',
  rename: 'M4 20h4L19 9l-4-4L4 16v4Zm9-13 4 4',
  replace: 'M4 12a8 8 0 0 1 14-5l2 2m0-5v5h-5M20 12a8 8 0 0 1-14 5l-2-2m0 5v-5h5',
  remove: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5m3-5v5',
  link: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1m2 4a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
  light:
    'M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8Zm0-6v2m0 16v2M2 12h2m16 0h2M5 5l1.4 1.4m11.2 11.2L19 19M5 19l1.4-1.4M17.6 6.4 19 5',
  image: 'M4 5h16v14H4zm0 11 5-5 4 4 3-3 4 4M15.5 9.5h.01',
  video: 'M4 6h11v12H4zm11 4 5-3v10l-5-3',
  audio:
    'M9 18V6l10-2v12M9 18a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0Zm10-2a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0Z',
  document: 'M7 3h7l5 5v13H7zm7 0v5h5M10 13h6m-6 4h6',
  other: 'M7 3h7l5 5v13H7zm7 0v5h5',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture that says nothing by itself: the text beside it does. */
export const Icon = ({ name }: { readonly name: IconName }): VNode => html`
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${PATHS[name]} /></svg>
`;
