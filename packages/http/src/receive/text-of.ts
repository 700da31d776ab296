import { refusedRequest } from './refused-request.ts';

/** A text of a form. @throws `text-too-large`; `not-accepted` for an encoding that nobody knows. */
export async function textOf(
  bytes: AsyncIterable<Uint8Array>,
  contentType: string | undefined,
  maxBytes: number,
): Promise<string> {
  const decoder = decoderOf(contentType);
  let [text, sizeBytes] = ['', 0];
  for await (const chunk of bytes) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes)
      throw refusedRequest('text-too-large', `A text of the form has more than ${maxBytes} bytes.`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function decoderOf(contentType: string | undefined): TextDecoder {
  const [, charset = 'utf-8'] = /;\s*charset="?([\w.:-]+)"?/i.exec(contentType ?? '') ?? [];
  try {
    return new TextDecoder(charset);
  } catch {
    throw refusedRequest(
      'not-accepted',
      `A text of the form is in an encoding that nobody knows: ${charset}.`,
    );
  }
}
