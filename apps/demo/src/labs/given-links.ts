import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { Tokens } from '@fieldfile/http';
import { type Link, Links, linkRoute, linkTable, SqlLinks } from '@fieldfile/http/links';
import type { Shelf } from '../library/shelves.ts';
import type { LinkView } from './storage-view.ts';

/** So long a link holds, and so often it can be used. */
const TERMS = { expiresInSeconds: 24 * 3600, uses: 3 };

/** Links to files that can be taken back. They are in a database of their own, and end with the process's secret. */
export class GivenLinks implements Disposable {
  readonly #database: DatabaseSync;
  readonly #store: SqlLinks;
  readonly #tokens = new Tokens({ secrets: randomBytes(32) });
  readonly #links = new Map<Shelf, Links>();

  constructor(path: string) {
    this.#database = new DatabaseSync(path, { timeout: 10_000 });
    this.#database.exec('PRAGMA journal_mode = WAL');
    for (const statement of linkTable('sqlite')) this.#database.exec(statement);
    this.#store = new SqlLinks({
      dialect: 'sqlite',
      execute: async (sql, parameters) => ({ rows: this.#database.prepare(sql).all(...parameters) }),
    });
  }

  /** @returns the path of the link. */
  async give(shelf: Shelf, id: number): Promise<string> {
    const row = await shelf.find(id);
    const { stored } = shelf.table.fields.file.of(row);
    if (!stored) return '';
    const given = await this.#of(shelf).give(stored, { ...TERMS, download: row.title });
    return given.url;
  }

  async all(shelves: Iterable<Shelf>): Promise<LinkView[]> {
    const views: LinkView[] = [];
    for (const shelf of shelves)
      for await (const link of this.#of(shelf).list())
        if (link.storage === shelf.storage.id && link.state !== 'taken-back') views.push(viewOf(shelf, link));
    return views;
  }

  async takeBack(shelf: Shelf, id: string): Promise<void> {
    await this.#of(shelf).takeBack({ id });
  }

  redeem(shelf: Shelf, request: Request): Promise<Response> {
    return linkRoute(this.#of(shelf))(request);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #of(shelf: Shelf): Links {
    const known = this.#links.get(shelf);
    if (known) return known;
    const links = new Links({
      store: this.#store,
      tokens: this.#tokens,
      baseUrl: `/links/${shelf.name}/`,
      fields: [shelf.table.fields.file],
    });
    this.#links.set(shelf, links);
    return links;
  }
}

const viewOf = (shelf: Shelf, { id, download, name, state, uses, maxUses, expiresAt }: Link): LinkView => ({
  id,
  shelf: shelf.name,
  name: download ?? name,
  state,
  uses,
  maxUses,
  expiresAt: expiresAt.getTime(),
});
