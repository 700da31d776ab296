/** A `\r` at the end of a text is no line break yet: its `\n` may follow. */
const ENDING = /\r\n|\n|\r(?!$)/g;

/**
 * Lines of UTF-8 text, endings kept: `\n`, `\r\n` or a lone `\r`, also when split across chunks. No line is empty.
 *
 * Holds one line at a time. Bytes that are not UTF-8 become U+FFFD, and a byte order mark is dropped, as by `text()`.
 * Ending the iteration early ends that of `chunks`.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  let line = '';
  let endsInReturn = false;
  for await (const text of decoded(chunks)) {
    if (endsInReturn && !text.startsWith('\n')) {
      yield line;
      line = '';
    }
    let start = 0;
    for (const ending of text.matchAll(ENDING)) {
      const end = ending.index + ending[0].length;
      yield line + text.slice(start, end);
      line = '';
      start = end;
    }
    line += text.slice(start);
    // Not `line.endsWith`: that copies a line that grew over many chunks, once for each.
    endsInReturn = text.endsWith('\r');
  }
  if (line !== '') yield line;
}

/** Never an empty text. */
async function* decoded(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}
