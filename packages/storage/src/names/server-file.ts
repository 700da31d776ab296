/** What servers and systems read in the folder of what they serve, by names that do not begin with a dot. */
const SERVER_FILES: ReadonlySet<string> = new Set([
  'web.config',
  'global.asax',
  'php.ini',
  'user.ini',
  'nginx.conf',
  'crossdomain.xml',
  'clientaccesspolicy.xml',
  'desktop.ini',
  'autorun.inf',
  '_headers',
  '_redirects',
]);

/**
 * Whether a server or system would read a file of this name as settings of the folder it is in: `.htaccess`, `.env` and
 * whatever else is hidden by a leading dot, `Web.Config`, `php.ini`; and what Windows opens as one of them, `web.config.`
 * or `web.config::$DATA`.
 */
export function isServerFile(fileName: string): boolean {
  const opened = (fileName.split(':', 1)[0] ?? '').replace(LAST_DOTS, '');
  return fileName.startsWith('.') || SERVER_FILES.has(opened.toLowerCase());
}

const LAST_DOTS = /(?<![. ])[. ]+$/;
