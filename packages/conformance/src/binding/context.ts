import assert from 'node:assert/strict';
import { type FieldFile, type FieldOptions, file, Storage } from '@fieldfile/core';
import { recover } from '@fieldfile/core/journal';
import { type Behaviour, Skip } from '../contract/behaviour.ts';
import { within } from '../contract/within.ts';
import type { BackendCall } from '../faults/intercept.ts';
import { recordCalls } from '../faults/record-calls.ts';
import type {
  BindingContractSettings,
  BindingFeature,
  BindingUnderTest,
  DocumentRow,
  DocumentValues,
  FileColumn,
  OtherClient,
  PageOperations,
  RowOperations,
  StoredDocument,
  SyncTransactions,
} from './options.ts';

/** One promise of a binding, and the field options it is tried with. */
export interface BindingBehaviour extends Behaviour<BindingContext> {
  readonly field?: FieldOptions<DocumentRow>;
  /** False: without a journal. Default: with one, where the subject has one. */
  readonly journaled?: boolean;
  readonly siblingWaitSeconds?: number;
}

type Rows = RowOperations<DocumentRow>;

/** What a behaviour of the binding contract gets to work with. */
export class BindingContext implements AsyncDisposable {
  readonly subject: BindingUnderTest;
  readonly settings: BindingContractSettings;
  readonly storage: Storage;
  /** Every call the storage's backend got, in order; grows. */
  readonly calls: readonly BackendCall[];
  /** Why the behaviour has no meaning here, once it turned out: whatever it caught. */
  skipped: Skip | undefined;

  private constructor(
    subject: BindingUnderTest,
    settings: BindingContractSettings,
    storage: Storage,
    calls: readonly BackendCall[],
  ) {
    this.subject = this.#withoutWhatIsLacking(subject, settings);
    this.settings = settings;
    this.storage = storage;
    this.calls = calls;
  }

  static async open(
    settings: BindingContractSettings,
    {
      field = {},
      journaled = true,
      siblingWaitSeconds,
    }: Pick<BindingBehaviour, 'field' | 'journaled' | 'siblingWaitSeconds'> = {},
  ): Promise<BindingContext> {
    const created = await settings.createStorage();
    const { backend, calls } = recordCalls(created.backend);
    const storage = new Storage(backend, { names: created.names, retry: { baseDelayMs: 0 } });
    const subject = await settings.open({
      storage,
      field: { ...field, storage },
      journaled,
      siblingWaitSeconds,
    });
    return new BindingContext(subject, settings, storage, calls);
  }

  get other(): OtherClient {
    return this.subject.other;
  }

  /** @throws Skip where the ORM or database lacks the feature. */
  needs(...features: readonly BindingFeature[]): void {
    for (const feature of features) {
      const reason = this.settings.lacks[feature];
      if (reason !== undefined) throw new Skip(reason);
    }
  }

  /** Few behaviours say that they need transactions. So what begins one says that there are none. */
  #withoutWhatIsLacking(subject: BindingUnderTest, { lacks }: BindingContractSettings): BindingUnderTest {
    const reason = lacks['waiting-transactions'];
    if (reason === undefined) return subject;
    return new Proxy(subject, {
      get: (target, member) => {
        if (member !== 'transaction') return Reflect.get(target, member);
        this.skipped = new Skip(reason);
        throw this.skipped;
      },
    });
  }

  /** @throws Skip where the driver has to be waited for. */
  get synchronous(): SyncTransactions<DocumentRow> {
    const { synchronous } = this.subject;
    if (synchronous) return synchronous;
    throw new Skip('the driver has to be waited for');
  }

  /** One of the subject's optional operations. @throws AssertionError where it has none and does not say why. */
  offered<T>(operation: T | undefined, name: string): T {
    assert.ok(operation, `the subject has no ${name}; name the reason in \`lacks\``);
    return operation;
  }

  savepoint<T>(rows: Rows, work: (rows: Rows) => Promise<T>): Promise<T> {
    return this.offered(rows.savepoint, 'savepoint').call(rows, work) as Promise<T>;
  }

  get pages(): PageOperations<object> {
    this.needs('composite-key');
    return this.offered(this.subject.pages, 'pages');
  }

  /** Inserts a row with a file of that name and content. */
  async document(filename?: string, values: DocumentValues = {}): Promise<DocumentRow> {
    const row = this.subject.make({ name: 'a document', ...values });
    if (filename !== undefined) this.subject.assign(row, file(`content of ${filename}`, filename));
    return this.subject.insert(row);
  }

  /** A fresh row object. */
  async find(id: number, rows: Rows = this.subject): Promise<DocumentRow> {
    const row = await rows.find(id);
    assert.ok(row, `there is no row ${id}`);
    return row;
  }

  /** The handle of a row that was loaded with its file. */
  file(row: DocumentRow, column?: FileColumn): FieldFile {
    const handle = this.subject.file(row, column);
    assert.ok(handle, 'the row has no file attribute');
    return handle;
  }

  /** The row as the database has it. */
  async stored(id: number): Promise<StoredDocument> {
    const found = (await this.other.rows()).find(row => row.id === id);
    assert.ok(found, `the database has no row ${id}`);
    return found;
  }

  /** The name that the database has. */
  async storedName(id: number): Promise<string | null> {
    return (await this.stored(id)).avatar;
  }

  /** @throws AssertionError unless the database's row names an object with this content. */
  async storedText(id: number, text: string): Promise<void> {
    const name = await this.storedName(id);
    assert.ok(name, `row ${id} names no file`);
    assert.equal(await this.text(name), text, `the file of row ${id} is another`);
  }

  async text(name: string): Promise<string> {
    await using opened = await this.storage.open(name);
    return await opened.text();
  }

  async objects(): Promise<string[]> {
    const names: string[] = [];
    for await (const { name } of this.storage.list()) names.push(name);
    return names.sort();
  }

  /** The promise's outcome, or a failure when there is none within the deadline. */
  soon<T>(promise: PromiseLike<T>, what: string): Promise<T> {
    return within(this.settings.deadlineMs, promise, what);
  }

  /** What recovery would be called for; no behaviour needs it unless a COMMIT had no verdict. */
  async recover(): Promise<void> {
    const { journal } = this.subject;
    if (journal) await recover(journal);
  }

  /** @throws AssertionError unless objects and names in rows are the same, and the journal has nothing to do. */
  async agrees(): Promise<void> {
    const rows = (await this.other.rows()).flatMap(({ avatar, cover }) =>
      [avatar, cover].filter(name => name !== null && name !== ''),
    );
    const named = [...new Set([...rows, ...(await this.other.pageNames())])].sort();
    assert.deepEqual(await this.objects(), named, 'the objects are not those that rows name');
    const entries = (await this.subject.journal?.entries()) ?? [];
    const unfinished = entries.filter(({ state }) => state !== 'undone'); // those are only looked at once more
    assert.deepEqual(unfinished, [], 'the journal is not empty');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.soon(this.subject.dispose(), 'closing the database');
  }
}
