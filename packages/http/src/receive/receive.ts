import { FieldFileError } from '@fieldfile/storage';
import { knownOptions } from '@fieldfile/storage/backend';
import { checkOrigins, type Origins } from '../routes/origins.ts';
import type { Tokens } from '../tokens/tokens.ts';
import { declaredFields, type FormFields, type FormValue } from './form-fields.ts';
import { limitsOf, type ReceiveLimits } from './limits.ts';
import { boundaryOf } from './multipart.ts';
import { receiveForm } from './receive-form.ts';
import { receiveRaw } from './receive-raw.ts';
import { Receiving, type Values } from './receiving.ts';
import { refusedRequest } from './refused-request.ts';
import type { ReceiveProgress } from './request-body.ts';
import { requireSameOrigin } from './same-origin.ts';

export interface ReceiveOptions<Fields extends FormFields = FormFields> {
  /**
   * The form's fields by their names: a field of `defineFiles` for a file, `'text'` for a text, and a list with one of them
   * where there may be several. Other texts are passed over, and other files are refused.
   */
  readonly fields: Fields;
  /** The field that the body of a request that is no form goes to. Default: only forms are taken. */
  readonly raw?: keyof Fields & string;
  readonly limits?: ReceiveLimits;
  /** How long a file waits for its row, where it is kept or the process dies. Default: an hour. */
  readonly keepSeconds?: number;
  /** Other origins whose pages may send requests. `'*'`: all, where no cookie tells who the user is. Default: none. */
  readonly origins?: Origins;
  /** Makes tokens of files in forms that are shown again work: see `formToken`. */
  readonly tokens?: Tokens;
  /** The user whose tokens are taken. */
  readonly user?: string;
  /** Told of every chunk. */
  readonly onProgress?: (progress: ReceiveProgress) => void;
}

/** What a request has brought. Disposing takes back the files that no row has. */
export type Received<Fields extends FormFields = FormFields> = {
  readonly [Name in keyof Fields]: FormValue<Fields[Name]>;
} & AsyncDisposable;

/**
 * Stores the files of a request while it comes in, and reads its texts: a form (`multipart/form-data`), or a body that is
 * the file itself. The files are staged: assign them to rows. What no row has when the result is disposed of is taken
 * back, and after a crash `recover` does it. When anything is refused, nothing of the request stays.
 *
 * @throws `malformed-request` `request-too-large` `too-many-files` `too-many-fields` `text-too-large` `headers-too-large`
 * `too-slow` `cross-origin` `aborted`; `content-consumed` where something has read the body before; `permission` for a token
 * of a form that is none; `integrity` for content that is not what its digest says; whatever `field.stage` throws, as
 * `not-accepted`, `too-large`, `suspicious-name`, `not-inspected`; `invalid-argument` for an option that is none.
 *
 * @example
 * ```ts
 * import { defineFiles, model } from '@fieldfile/core';
 * import { receive } from '@fieldfile/http/receive';
 *
 * interface UserRow {
 *   id: number;
 *   name: string;
 *   avatar: string | null;
 * }
 * const users = defineFiles(model<UserRow>()('user', 'id'), { avatar: { accept: ['image/*'], maxSizeBytes: 5e6 } });
 * declare function save(row: UserRow): Promise<void>;
 *
 * export async function update(request: Request, row: UserRow): Promise<void> {
 *   await using received = await receive(request, { fields: { name: 'text', avatar: users.avatar } });
 *   row.name = received.name ?? row.name;
 *   if (received.avatar) users.avatar.set(row, received.avatar);
 *   await save(row);
 * }
 * ```
 */
export async function receive<const Fields extends FormFields>(
  request: Request,
  options: ReceiveOptions<Fields>,
): Promise<Received<Fields>> {
  const receiving = receivingOf(request, options);
  const { files } = receiving;
  try {
    requireSameOrigin(request, options.origins ?? []);
    const values = await valuesOf(receiving, options.raw);
    return received<Fields>(receiving, values);
  } catch (error) {
    if (request.body && !request.body.locked) await request.body.cancel().catch(() => {}); // it may be broken
    await files.undo();
    throw error;
  }
}

/** @throws `invalid-argument`. */
export function checkReceiveOptions<Fields extends FormFields>(options: ReceiveOptions<Fields>): void {
  receivingOf(new Request('http://localhost'), options);
}

const OPTIONS = ['fields', 'raw', 'limits', 'keepSeconds', 'origins', 'tokens', 'user', 'onProgress'];

function receivingOf<Fields extends FormFields>(
  request: Request,
  options: ReceiveOptions<Fields>,
): Receiving {
  knownOptions(options, OPTIONS, { what: 'receive', operation: 'construct' });
  const { raw, limits = {}, keepSeconds = 3600, origins = [], tokens, user, onProgress } = options;
  const fields = declaredFields(options.fields ?? {});
  checkOrigins(origins, 'construct');
  if (raw !== undefined && !fields.get(raw)?.file)
    throw new FieldFileError(
      'invalid-argument',
      `receive cannot use raw ${JSON.stringify(raw)}: name a field with a file.`,
      {
        operation: 'construct',
      },
    );
  return new Receiving({
    request,
    fields,
    limits: limitsOf(limits),
    keepSeconds,
    ...(tokens ? { tokens } : {}),
    ...(user === undefined ? {} : { user }),
    ...(onProgress ? { onProgress } : {}),
  });
}

function valuesOf(receiving: Receiving, raw: string | undefined): Promise<Values> {
  const { headers } = receiving.request;
  if (!/^(?:identity)?$/i.test(headers.get('content-encoding')?.trim() ?? ''))
    throw refusedRequest('not-accepted', 'The request is encoded: send its bytes as they are.');
  if (headers.has('content-range'))
    throw refusedRequest('malformed-request', 'The request is a part of something.');
  const contentType = headers.get('content-type');
  const boundary = boundaryOf(contentType);
  if (boundary !== undefined) return receiveForm(receiving, boundary);
  if (raw !== undefined && !/^\s*multipart\//i.test(contentType ?? '')) return receiveRaw(receiving, raw);
  throw refusedRequest(
    'not-accepted',
    `The request is no form with files, but ${contentType ?? 'of no type'}: send multipart/form-data.`,
  );
}

/** Without a prototype: a form's names are its own. */
function received<Fields extends FormFields>({ fields, files }: Receiving, values: Values): Received<Fields> {
  const result: Record<string | symbol, unknown> = Object.create(null);
  for (const [name, { isList }] of fields) {
    const found = values.get(name) ?? [];
    result[name] = isList ? found : found.at(-1);
  }
  Object.defineProperty(result, Symbol.asyncDispose, { value: () => files.undo() });
  return result as Received<Fields>;
}
