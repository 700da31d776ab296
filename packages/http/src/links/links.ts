import type { FieldFile, FileReference } from '@fieldfile/core';
import { FieldFileError, isFieldFileError, type Storage } from '@fieldfile/storage';
import { knownOptions } from '@fieldfile/storage/backend';
import { reported } from '@fieldfile/storage/internal';
import type { ServableObject } from '../serve/servable.ts';
import type { TokenContent, Tokens } from '../tokens/tokens.ts';
import type { Link, LinkedRow, LinkedVersion, LinkTerms } from './link.ts';
import type { LinkEvent } from './link-event.ts';
import { isLinkRefused, type LinkRefusal, LinkRefusedError } from './link-refused.ts';
import type { LinkQuery, LinkStore } from './link-store.ts';
import { type LinkedField, linkedFile, servedFile } from './linked-file.ts';

export interface LinksOptions {
  readonly store: LinkStore;
  /** Signs the links. Changing all its secrets ends every link. */
  readonly tokens: Tokens;
  /** Where the route of the links is, as browsers reach it: `https://example.com/links/` or `/links/`. */
  readonly baseUrl: string;
  /** The fields whose files links are given for. Each needs a binding. Default: none. */
  readonly fields?: readonly LinkedField[];
  /** Storages of objects that links are given for without a row. Default: those of the fields. */
  readonly storages?: readonly Storage[];
  /**
   * How long one use lasts, in seconds: for so long the client that made it seeks, continues and looks again without
   * another. Default: 3600.
   */
  readonly sessionSeconds?: number;
  /** Told of everything that happens to links, for an audit, and awaited. What it throws is reported and changes nothing. */
  readonly onEvent?: (event: LinkEvent) => void | Promise<void>;
}

/** How a link is given. */
export interface GiveOptions {
  /** From now, in whole seconds, at least 1. */
  readonly expiresInSeconds: number;
  /** How often it may be used. Default: any number of times until it expires. */
  readonly uses?: number;
  /** Whom it is for, as an address or a user's id: for lists and audits, and for who takes all of them back. */
  readonly for?: string;
  /**
   * `'same'`: the bytes as they are now; a row with another file, or other bytes, ends the link. `'current'`: whatever file
   * the row has when it is used. Default: `'same'`.
   */
  readonly file?: LinkedVersion;
  /** The name it is saved under. */
  readonly download?: string;
  /** Show it in the browser, where its type is safe to show, or save it. Default: as it is served without a link. */
  readonly disposition?: 'inline' | 'attachment';
}

/** A file that links are given for: a row's, by its handle, or an object whatever rows there are. */
export type Linkable = FieldFile | { readonly storage: Storage; readonly name: string };

/** A link that was just given. Its address is nowhere else: only who has it can use it. */
export interface GivenLink extends Link {
  readonly url: string;
  /** The last part of `url`. */
  readonly token: string;
}

/** Which links: those that meet all that is said. */
export interface LinkFilter {
  readonly id?: string;
  /** Of a row's file, whatever it was when they were given; or of an object. */
  readonly file?: Linkable;
  readonly for?: string;
  /** Only those that can still be used. Default: false. */
  readonly open?: boolean;
}

export interface OpenLinkOptions {
  readonly sessions?: readonly string[];
  readonly allow?: (link: Link) => boolean | Promise<boolean>;
}

/** A link that was opened, and gives a file. */
export interface OpenLink {
  readonly link: Link;
  /** To be served: with `file: 'same'` exactly the bytes that were looked at. */
  readonly file: ServableObject;
  /** Whether a use of the same client lasts: reading needs no other. */
  readonly isInUse: boolean;
  /**
   * Counts one use.
   *
   * @returns the session that lasts as long as the use, for `open`.
   * @throws {@link LinkRefusedError} when it has ended meanwhile.
   */
  use(): Promise<string>;
}

/**
 * Links to files that can be taken back: asked of the store, the row and the storage each time they are used.
 *
 * @example
 * ```ts
 * import { Tokens } from '@fieldfile/http';
 * import { Links, MemoryLinks } from '@fieldfile/http/links';
 * import { MemoryStorage } from '@fieldfile/memory';
 *
 * const storage = new MemoryStorage();
 * const links = new Links({
 *   store: new MemoryLinks(),
 *   tokens: new Tokens({ secrets: 'a secret of at least 32 characters' }),
 *   baseUrl: '/links/',
 *   storages: [storage],
 * });
 * const name = await storage.save('report.pdf', 'a report');
 * const given = await links.give({ storage, name }, { expiresInSeconds: 3600, uses: 3, for: 'ann@example.com' });
 * given.url; // /links/WyJHRVQi…
 * await links.takeBack({ for: 'ann@example.com' });
 * ```
 */
export class Links {
  readonly baseUrl: string;
  readonly sessionSeconds: number;
  readonly #store: LinkStore;
  readonly #tokens: Tokens;
  readonly #places: { readonly fields: readonly LinkedField[]; readonly storages: readonly Storage[] };
  readonly #onEvent: NonNullable<LinksOptions['onEvent']>;

  /** @throws `invalid-argument`, naming the option and the fix. */
  constructor(options: LinksOptions) {
    knownOptions(options, OPTIONS, { what: 'Links', operation: 'construct' });
    const { store, tokens, baseUrl, fields = [], storages = [], sessionSeconds = 3600, onEvent } = options;
    if (typeof baseUrl !== 'string' || !/^(\/(?!\/)|https?:\/\/)[^?#;,\\\s]*$/.test(baseUrl))
      refuse('baseUrl', baseUrl, 'give an http(s) URL or an absolute path such as "/links/"');
    if (!isCount(sessionSeconds)) refuse('sessionSeconds', sessionSeconds, 'give a whole number of seconds');
    this.baseUrl = baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`;
    this.sessionSeconds = sessionSeconds;
    this.#store = store;
    this.#tokens = tokens;
    this.#places = { fields, storages };
    this.#onEvent = onEvent ?? (() => {});
  }

  /**
   * Gives a link to a file.
   *
   * @throws `no-file`; `not-found` where the row or the object is not there; `invalid-argument` for a file that is not stored
   * yet, one of a field or storage that the links were not told of, and options out of range; `unsupported` for a field
   * without a binding.
   */
  async give(file: Linkable, options: GiveOptions): Promise<GivenLink> {
    knownOptions(options, GIVE, { what: 'give', operation: 'give' });
    checkGive(options);
    const terms = await this.#terms(file, options);
    const id = crypto.randomUUID();
    await this.#store.add(id, terms, options.expiresInSeconds * 1000);
    const link = await this.get(id);
    if (!link) throw new LinkRefusedError('unknown');
    const token = this.#tokens.sign({ ...LINK, name: id, expiresInSeconds: null });
    await this.#tell({ type: 'given', link });
    return { ...link, token, url: this.baseUrl + token };
  }

  /** What is known of a link. */
  get(id: string): Promise<Link | undefined> {
    return this.#store.get(id);
  }

  /** The links that were given, the latest first; pages are fetched as they are consumed. */
  async *list(filter: LinkFilter = {}): AsyncGenerator<Link, void, undefined> {
    const query = queryOf(filter);
    let page = await this.#store.list(query, { limit: PAGE });
    while (page.length > 0) {
      yield* page;
      page = page.length < PAGE ? [] : await this.#store.list(query, { limit: PAGE, after: page.at(-1) });
    }
  }

  /**
   * Takes links back, for good: from now on they give nothing, to nobody, in any process.
   *
   * @returns how many.
   * @throws `invalid-argument` for a filter that says nothing: `{ open: true }` means all of them.
   */
  async takeBack(filter: LinkFilter): Promise<number> {
    const query = queryOf(filter);
    if (Object.keys(query).length === 0)
      throw new FieldFileError(
        'invalid-argument',
        'takeBack needs to know which links: give id, file or for, or { open: true } for all.',
        { operation: 'takeBack' },
      );
    const ids = await this.#store.takeBack(query);
    for (const id of ids) {
      const link = await this.get(id);
      if (link) await this.#tell({ type: 'taken-back', link });
    }
    return ids.length;
  }

  /** Forgets links that ended so long ago. @returns how many. */
  removeEnded({ olderThanSeconds }: { readonly olderThanSeconds: number }): Promise<number> {
    if (!Number.isSafeInteger(olderThanSeconds) || olderThanSeconds < 0)
      refuse('olderThanSeconds', olderThanSeconds, 'give a whole number of seconds');
    return this.#store.removeEnded(olderThanSeconds * 1000);
  }

  /**
   * Uses a link: counts one use, unless the session of an earlier one lasts.
   *
   * @returns the file to serve, and the session to come back with.
   * @throws {@link LinkRefusedError}, telling why.
   */
  async redeem(
    token: string,
    options: { readonly session?: string } = {},
  ): Promise<{ readonly link: Link; readonly file: ServableObject; readonly session: string }> {
    const { session } = options;
    const opened = await this.open(token, session === undefined ? {} : { sessions: [session] });
    const lasting = opened.isInUse && session !== undefined ? session : await opened.use();
    return { link: opened.link, file: opened.file, session: lasting };
  }

  /**
   * Looks what a link gives, without using it.
   *
   * @param options `sessions` that the client has, where another link's are passed over; `allow` is asked whether this client
   * may use the link. Default: whoever has it.
   * @throws {@link LinkRefusedError}, telling why.
   */
  async open(token: string, options: OpenLinkOptions = {}): Promise<OpenLink> {
    const { sessions = [], allow = () => true } = options;
    const id = this.#idOf(token);
    const link = id === undefined ? undefined : await this.#store.get(id);
    try {
      if (!link) throw new LinkRefusedError('unknown');
      const isInUse = sessions.some(session => this.#isSessionOf(session, link));
      // Whoever used it up may go on.
      if (link.state !== 'open' && !(link.state === 'used-up' && isInUse))
        throw new LinkRefusedError(link.state);
      if (!(await allow(link))) throw new LinkRefusedError('not-allowed');
      const file = servedFile(await linkedFile(link, this.#places), link.file);
      return { link, file, isInUse, use: () => this.#use(link) };
    } catch (error) {
      if (isLinkRefused(error)) await this.#tellRefused(error.reason, link);
      throw error;
    }
  }

  async #use(link: Link): Promise<string> {
    if (await this.#store.use(link.id)) {
      await this.#tell({ type: 'used', link });
      return this.#tokens.sign({ ...SESSION, name: link.id, expiresInSeconds: this.sessionSeconds });
    }
    const now = await this.#store.get(link.id);
    const reason = now && now.state !== 'open' ? now.state : now ? 'used-up' : 'unknown';
    await this.#tellRefused(reason, now);
    throw new LinkRefusedError(reason);
  }

  async #terms(file: Linkable, options: GiveOptions): Promise<LinkTerms> {
    const { file: linked = 'same', download = null, disposition = null, uses: maxUses = null } = options;
    const more = { for: options.for ?? null, maxUses, download, disposition };
    const row = isHandle(file) ? rowOf(file) : null;
    const [storage, name] = isHandle(file) ? ['', file.name ?? ''] : [file.storage.id, file.name];
    const asked: LinkTerms = { storage, name, version: '', row, file: 'current', ...more };
    const found = await linkedFile(asked, this.#places).catch((error: unknown) => {
      throw isLinkRefused(error) ? noSuchFile(name, error) : error;
    });
    if (found.name !== name) throw hasAnother(name);
    return { ...asked, storage: found.storage.id, version: found.info.version, file: linked };
  }

  #idOf(token: string): string | undefined {
    return this.#verified(token, LINK)?.name;
  }

  #isSessionOf(session: string, { id }: Link): boolean {
    return this.#verified(session, SESSION)?.name === id;
  }

  #verified(token: string, expected: typeof LINK | typeof SESSION): TokenContent | undefined {
    try {
      return this.#tokens.verify(token, expected);
    } catch (error) {
      if (isFieldFileError(error, 'permission')) return undefined;
      throw error;
    }
  }

  #tellRefused(reason: LinkRefusal, link: Link | undefined): Promise<void> {
    return this.#tell({ type: 'refused', reason, ...(link ? { link } : {}) });
  }

  #tell(event: LinkEvent): Promise<void> {
    return reported(async () => this.#onEvent(event));
  }
}

/** When it expires is the store's to say, and can be asked of nobody else. */
const LINK = { purpose: 'link', method: 'GET' } as const;
const SESSION = { purpose: 'link-session', method: 'GET' } as const;

const OPTIONS = ['store', 'tokens', 'baseUrl', 'fields', 'storages', 'sessionSeconds', 'onEvent'] as const;
const GIVE = ['expiresInSeconds', 'uses', 'for', 'file', 'download', 'disposition'] as const;

/** Links asked for at a time. */
const PAGE = 100;

const MOST_SECONDS = 100 * 366 * 24 * 3600;

function checkGive(options: GiveOptions): void {
  const { expiresInSeconds, uses, file, download, disposition } = options;
  if (!isCount(expiresInSeconds) || expiresInSeconds > MOST_SECONDS)
    refuse('expiresInSeconds', expiresInSeconds, 'give a whole number of seconds, at least 1');
  if (uses !== undefined && !isCount(uses)) refuse('uses', uses, 'give a whole number, at least 1');
  if (file !== undefined && file !== 'same' && file !== 'current')
    refuse('file', file, "give 'same' or 'current'");
  if (disposition !== undefined && disposition !== 'inline' && disposition !== 'attachment')
    refuse('disposition', disposition, "give 'inline' or 'attachment'");
  for (const [option, value] of Object.entries({ for: options.for, download }))
    if (value !== undefined && !isLine(value)) refuse(option, value, 'give 1 to 255 characters on one line');
}

/** @throws `no-file`; `invalid-argument` for what is not in the database yet. */
function rowOf(file: FieldFile): LinkedRow {
  // As JSON has it: a key may have dates and large numbers.
  const { model, field, name, key }: FileReference = JSON.parse(JSON.stringify(file.reference()));
  const label = `${model}.${field}`;
  const about = { operation: 'give', field: label };
  if (file.pending || key === null)
    throw new FieldFileError(
      'invalid-argument',
      `${label} is not in the database yet: save the row, then give the link.`,
      about,
    );
  if (name === null)
    throw new FieldFileError(
      'no-file',
      `${label} has no file associated with it: test \`stored\` first (give).`,
      about,
    );
  return { model, field, key };
}

function queryOf(filter: LinkFilter): LinkQuery {
  knownOptions(filter, ['id', 'file', 'for', 'open'], { what: 'A filter of links', operation: 'links' });
  const { id, file, open } = filter;
  return {
    ...(id === undefined ? {} : { id }),
    ...(file === undefined ? {} : fileQuery(file)),
    ...(filter.for === undefined ? {} : { for: filter.for }),
    ...(open === undefined ? {} : { open }),
  };
}

function fileQuery(file: Linkable): Pick<LinkQuery, 'row' | 'object'> {
  if (!isHandle(file)) return { object: { storage: file.storage.id, name: file.name } };
  const { model, field, key }: FileReference = JSON.parse(JSON.stringify(file.reference()));
  if (key !== null) return { row: { model, field, key } };
  throw new FieldFileError('invalid-argument', `The row of ${model}.${field} is not in the database yet.`, {
    operation: 'links',
    field: `${model}.${field}`,
  });
}

/** By its shape: it may be of another copy of the package, or behind a proxy. */
const isHandle = (file: Linkable): file is FieldFile => 'reference' in file;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 1;

const isLine = (value: unknown): boolean =>
  typeof value === 'string' && /^[^\p{Cc}\p{Cs}]{1,255}$/u.test(value);

function refuse(option: string, value: unknown, fix: string): never {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  throw new FieldFileError('invalid-argument', `Links cannot have ${option} ${shown}: ${fix}.`, {
    operation: 'links',
  });
}

const noSuchFile = (name: string, cause: LinkRefusedError): FieldFileError =>
  new FieldFileError('not-found', `${JSON.stringify(name)} is not there, so that no link is given.`, {
    operation: 'give',
    name,
    cause,
  });

const hasAnother = (name: string): FieldFileError =>
  new FieldFileError(
    'conflict',
    `The row has another file than ${JSON.stringify(name)} by now, so that no link is given: load it again.`,
    { operation: 'give', name },
  );
