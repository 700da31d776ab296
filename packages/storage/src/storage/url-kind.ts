import { FieldFileError } from '../errors/field-file-error.ts';
import type { Backend, UrlKind } from './backend.ts';
import { publishesUrls, signsUrls } from './capabilities.ts';

/**
 * Which URLs a storage gives: as it was told, else signed ones where it can sign. Undefined: none.
 *
 * @throws `invalid-argument` for a kind that it cannot give.
 */
export function urlKind(backend: Backend, told: UrlKind | undefined): UrlKind | undefined {
  const can: Readonly<Record<UrlKind, boolean>> = {
    signed: signsUrls(backend),
    public: publishesUrls(backend),
  };
  const wanted = told ?? backend.urls;
  if (wanted === undefined) return can.signed ? 'signed' : can.public ? 'public' : undefined;
  if (can[wanted]) return wanted;
  const kinds = (['public', 'signed'] as const).filter(kind => can[kind]);
  throw new FieldFileError(
    'invalid-argument',
    `Storage "${backend.id}" cannot have urls ${JSON.stringify(wanted)}: ${
      kinds.length === 0
        ? 'as it is constructed, it gives no URLs at all, so leave the option out or give what URLs need'
        : `as it is constructed, it can have ${kinds.map(kind => `'${kind}'`).join(' or ')}`
    }.`,
    { operation: 'construct', storage: backend.id },
  );
}
