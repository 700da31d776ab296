/** An answer that nobody keeps. */
export const jsonAnswer = (content: unknown): Response =>
  Response.json(content, { headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } });
