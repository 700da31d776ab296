const PAGES = {
  preview: '<p>A file was shared with you.</p>',
  confirm: '<p>A file was shared with you.</p><form method="post"><button>Get the file</button></form>',
} as const;

/** A page that says nothing of the file: who sees it has not used the link. */
export function linkPage(page: keyof typeof PAGES, request: Request): Response {
  const text =
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="robots" content="noindex">' +
    '<meta name="viewport" content="width=device-width"><title>A file</title>' +
    `<style>body{font:1rem/1.5 system-ui;margin:4rem auto;max-width:30rem;text-align:center}</style>${PAGES[page]}</html>`;
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-length': String(text.length),
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    'x-content-type-options': 'nosniff',
  };
  return new Response(request.method === 'HEAD' ? null : text, { headers });
}
