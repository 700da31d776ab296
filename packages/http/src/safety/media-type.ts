/** A media type that is safe to send. */
export interface MediaType {
  /** `text/css` of `Text/CSS; charset=utf-8`. */
  readonly essence: string;
  /** With its parameters. */
  readonly text: string;
}

export const BINARY: MediaType = { essence: 'application/octet-stream', text: 'application/octet-stream' };

const TOKEN = "[!#$%&'*+.^_`|~\\w-]+";
const PARAMETER = `[ \\t]*;[ \\t]*${TOKEN}=(?:${TOKEN}|"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\[\\t\\x20-\\x7e])*")`;
const MEDIA_TYPE = new RegExp(`^(${TOKEN}/${TOKEN})(?:${PARAMETER})*[ \\t]*;?$`);

/**
 * What a stored type says. One that is no media type is bytes: browsers read such a header in ways of their own.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1
 */
export function mediaType(text: string | undefined): MediaType {
  const trimmed = text?.trim() ?? '';
  const essence = MEDIA_TYPE.exec(trimmed)?.[1]?.toLowerCase();
  if (essence === undefined) return BINARY;
  return { essence, text: trimmed.replace(/[ \t]*;$/, '') };
}
