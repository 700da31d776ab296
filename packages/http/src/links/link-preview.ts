/** Programs that open a link which somebody was sent, to show what is behind it. They say who they are. */
const PREVIEWERS = new RegExp(
  [
    '(?<!cu)bot\\b|bot[/-]|crawler|spider|facebookexternalhit|facebookcatalog|meta-externalagent|whatsapp/|slack-imgproxy',
    'skypeuripreview|microsoftpreview|msoffice|mastodon/|misskey|pleroma|akkoma|lemmy|embedly|iframely|vkshare|line-poker',
    'google-read-aloud|googleimageproxy|google-inspectiontool|linkpreview|link preview',
  ].join('|'),
  'i',
);

/** Whether a program looks at the link on behalf of a messenger or a search engine. */
export const isPreview = (request: Request): boolean =>
  PREVIEWERS.test(request.headers.get('user-agent') ?? '');

/** Whether a browser asks in advance, before anybody decided to go there. */
export const isPrefetch = ({ headers }: Request): boolean =>
  ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].some(name =>
    /\b(?:prefetch|prerender|preview)\b/i.test(headers.get(name) ?? ''),
  );
