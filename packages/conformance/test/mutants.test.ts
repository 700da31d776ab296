import type { ContractReport } from '@fieldfile/conformance';
import {
  runStorageContract,
  type StorageContractOptions,
  type StorageUnderTest,
} from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import type { Backend, Storage } from '@fieldfile/storage';
import { expect, test } from 'vitest';
import { absentForForbidden } from './mutants/absent-for-forbidden.ts';
import { alwaysAttaches } from './mutants/always-attaches.ts';
import { AnswersWrongName } from './mutants/answers-wrong-name.ts';
import { believesEveryAnswer } from './mutants/believes-every-answer.ts';
import { ChecksIfMatchEarly } from './mutants/checks-if-match-early.ts';
import { CopiesBytesOnly } from './mutants/copies-bytes-only.ts';
import { DropsLastChunk } from './mutants/drops-last-chunk.ts';
import { EndsReadsEarly } from './mutants/ends-reads-early.ts';
import {
  KnowsOneName,
  ListsNameless,
  ListsNotDeep,
  RefusesWholeBatch,
  RenamesDevices,
} from './mutants/foreign-names.ts';
import { forgetsDigests } from './mutants/forgets-digests.ts';
import { ForgetsEncoding } from './mutants/forgets-encoding.ts';
import { forgetsUploadHeaders } from './mutants/forgets-upload-headers.ts';
import { ForgetsWriteId } from './mutants/forgets-write-id.ts';
import { givesUpOneShots } from './mutants/gives-up-one-shots.ts';
import { GivesUpReading } from './mutants/gives-up-reading.ts';
import { hidesEverything } from './mutants/hides-everything.ts';
import { HidesStreamErrors } from './mutants/hides-stream-errors.ts';
import { IgnoresIfMatch } from './mutants/ignores-if-match.ts';
import {
  completesOnce,
  forgetsReceipts,
  keepsPartsOfUndone,
  ordersByArrival,
  overtakesAll,
  showsWhatHoldsNames,
  undoesWhatBelongsToIt,
} from './mutants/in-parts.ts';
import { KeepsPartialObjects } from './mutants/keeps-partial-objects.ts';
import { LeaksListener } from './mutants/leaks-listener.ts';
import { leaksSockets } from './mutants/leaks-sockets.ts';
import { leaksTemporaryFile } from './mutants/leaks-temporary-file.ts';
import { ListsMarks } from './mutants/lists-marks.ts';
import { ListsTemporaries } from './mutants/lists-temporaries.ts';
import { NamesAsItLikes } from './mutants/names-as-it-likes.ts';
import { movesAbout, namesItselfAnew } from './mutants/names-itself-anew.ts';
import { NormalizesNames } from './mutants/normalizes-names.ts';
import { subject } from './mutants/on-memory.ts';
import { OverwritesOnRename } from './mutants/overwrites-on-rename.ts';
import { promisesSignatures } from './mutants/promises-signatures.ts';
import { RangeOffByOne } from './mutants/range-off-by-one.ts';
import { ReadsAllFirst } from './mutants/reads-all-first.ts';
import { RepeatsCursor } from './mutants/repeats-cursor.ts';
import { forgetsUploads, repeatsUploads } from './mutants/repeats-uploads.ts';
import { ReplacesInTwoSteps } from './mutants/replaces-in-two-steps.ts';
import { ResendsConsumedStream } from './mutants/resends-consumed-stream.ts';
import { ReservesByStub } from './mutants/reserves-by-stub.ts';
import { SharesMemory } from './mutants/shares-memory.ts';
import { signsParts } from './mutants/signed-parts.ts';
import { cutsNames, signsAnyText } from './mutants/signs-any-text.ts';
import { signsUntoldHeaders } from './mutants/signs-untold-headers.ts';
import { simulatedDisk } from './mutants/simulated-disk.ts';
import { SortsByCodeUnit } from './mutants/sorts-by-code-unit.ts';
import { SpoilsHeaderText } from './mutants/spoils-header-text.ts';
import { SwallowsAbort } from './mutants/swallows-abort.ts';
import { TakesAnyForItsOwn } from './mutants/takes-any-for-its-own.ts';
import { TellsLessOfParts } from './mutants/tells-less-of-parts.ts';
import { TellsPartLength } from './mutants/tells-part-length.ts';
import { UndoesByName } from './mutants/undoes-by-name.ts';
import { UndoesWhatIsKept } from './mutants/undoes-what-is-kept.ts';
import { UnsortedPages } from './mutants/unsorted-pages.ts';

// Mistakes, and behaviours that break off at them, drop what they have opened: of no use to tell of.
process.env.NODE_ENV = 'production';

/** The whole contract, in sizes that make a mistake show and keep thirty runs short. */
function run(
  name: string,
  create: () => Promise<StorageUnderTest>,
  lacks: StorageContractOptions['lacks'] = {},
): Promise<ContractReport> {
  return runStorageContract({
    name,
    create,
    lacks: { 'flat-memory': 'the objects themselves are in memory', ...lacks },
    largeBytes: 512 * 1024,
    maxAheadBytes: 128 * 1024,
    concurrency: 5,
    abortedUploads: 5,
    deadlineMs: 250,
    timeLimitMs: 2000,
  });
}

const failed = ({ behaviours }: ContractReport): string[] =>
  behaviours.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);

const on = (make: () => Backend) => () => subject(make());

const storage = (make: () => Storage) => async () => ({ storage: make() });

/** Each mutant, and the behaviours that tell it best; others may notice it as well. */
const MUTANTS: readonly (readonly [
  mistake: string,
  create: () => Promise<StorageUnderTest>,
  caughtBy: readonly string[],
])[] = [
  [
    'overwrites on the rename loop',
    on(() => new OverwritesOnRename()),
    ['S1.rename-loop', 'S1.rename-loop-streams', 'S1.one-winner'],
  ],
  [
    'takes every 200 for a success',
    believesEveryAnswer,
    [
      'save',
      'save-stream',
      'replace',
      'open',
      'open-range',
      'info',
      'exists',
      'delete',
      'delete-many',
      'copy',
      'list',
      'listdir',
    ].map(operation => `S10.no-store-${operation}`),
  ],
  [
    'keeps nothing of a stream to send again',
    givesUpOneShots,
    [
      'S11.hiccup-save-small-busy',
      'S11.hiccup-save-large-busy',
      'S11.hiccup-replace-large-busy',
      'S11.hiccup-save-known-early',
      'S11.hiccup-replace-known-early',
    ],
  ],
  ['lists the marks of applications', storage(() => new ListsMarks()), ['S8.application-marks']],
  ['takes whatever is there for its own write', on(() => new TakesAnyForItsOwn()), ['S2.replace-unanswered']],
  ['goes on with a read a few times only', on(() => new GivesUpReading()), ['S5.resume-often']],
  ['signs a download and forgets its name', signsAnyText, ['S9.download-text']],
  ['cuts the name of a download', cutsNames, ['S9.download-text']],
  ['spoils metadata of odd names', on(() => new SpoilsHeaderText()), ['S6.metadata-any-text']],
  ['is called otherwise by every client', namesItselfAnew, ['S13.one-id']],
  ['says that its objects are elsewhere', on(movesAbout), ['S13.one-place']],
  ['signs headers of an upload that it does not tell', signsUntoldHeaders, ['S9.signed-upload-plain']],
  [
    'gives what is uploaded nothing of what it gives what is saved',
    forgetsUploadHeaders,
    [
      'S9.signed-upload-cache-control',
      'S9.signed-upload-content-language',
      'S9.signed-upload-content-disposition',
      'S9.signed-upload-own-headers',
    ],
  ],
  ['forgets the digest that an upload binds', forgetsDigests, ['S9.signed-upload-digest']],
  ['takes the upload of a URL again', repeatsUploads, ['C1.upload-replayed', 'C1.upload-raced']],
  ['stores an upload as another write', forgetsUploads, ['C1.upload', 'C1.upload-unseen']],
  ['takes a visibility and does not keep it', hidesEverything, ['S6.visibility']],
  ['serves everything as an attachment', alwaysAttaches, ['S9.disposition', 'S9.response-headers']],
  ['promises signatures that it cannot make', on(promisesSignatures), ['S9.url-kind', 'S9.guards']],
  ['drops the last chunk', on(() => new DropsLastChunk()), ['S3.content-chunks', 'S3.sizes', 'S3.large']],
  [
    're-sends a consumed stream',
    on(() => new ResendsConsumedStream()),
    ['S3.refused-before-reading', 'S1.alternative-name'],
  ],
  [
    'acknowledges before it flushed',
    () => simulatedDisk({ content: false, folders: true }),
    [
      'S12.save-survives',
      'S12.replace-survives',
      'S12.whole-or-absent',
      'S12.durable-beside',
      'C2.parts-durable',
    ],
  ],
  [
    'acknowledges before it flushed the new folder',
    () => simulatedDisk({ content: true, folders: false }),
    ['S12.save-survives', 'S12.durable-beside'],
  ],
  ['leaks a listener', on(() => new LeaksListener()), ['S4.no-listeners', 'S4.many-aborts']],
  ['leaks the socket of an abandoned read', leaksSockets, ['S5.abandoned', 'S5.dropped', 'S4.no-listeners']],
  [
    'leaks a temporary file',
    leaksTemporaryFile,
    ['S1.failed-create-leaves-nothing', 'S4.abort-hanging-save'],
  ],
  ['answers the wrong final name', on(() => new AnswersWrongName()), ['S1.answered-name', 'S1.rename-loop']],
  [
    'answers that nothing is there when it is forbidden',
    absentForForbidden,
    ['S10.forbidden-info', 'S10.forbidden-exists'],
  ],
  [
    'undoes a replacement that is to be kept',
    on(() => new UndoesWhatIsKept()),
    ['S2.undo-kept', 'S2.undo-kept-unfinished'],
  ],
  [
    'undoes by name only',
    on(() => new UndoesByName()),
    ['S2.undo-foreign', 'S2.undo-after-replace', 'S2.undo-after-reuse'],
  ],
  [
    'swallows an abort',
    on(() => new SwallowsAbort()),
    ['S4.abort-hanging-save', 'S4.abort-hanging-replace', 'S4.abort-flowing'],
  ],
  ['is unsorted at a page boundary', on(() => new UnsortedPages()), ['S8.order', 'S8.limit']],
  ['sorts by code unit', on(() => new SortsByCodeUnit()), ['S8.order']],
  ['repeats the cursor', on(() => new RepeatsCursor()), ['S8.after', 'S8.prefix-after']],
  ['lists temporary objects', on(() => new ListsTemporaries()), ['S8.no-temporaries']],
  ['is off by one in ranges', on(() => new RangeOffByOne()), ['S5.range-first', 'S5.range-middle']],
  [
    'tells the length of a part as that of the object',
    on(() => new TellsPartLength()),
    ['S5.range-middle', 'S14.max-bytes-of-a-part'],
  ],
  ['tells less of an object with a part of it', on(() => new TellsLessOfParts()), ['S5.info-of-part']],
  [
    'ignores ifMatch',
    on(() => new IgnoresIfMatch()),
    ['S1.replace-if-match', 'S5.if-match', 'S5.resume-changed', 'S10.remove-if-match'],
  ],
  ['checks ifMatch too early', on(() => new ChecksIfMatchEarly()), ['S1.replace-if-match-race']],
  ['ends reads early', on(() => new EndsReadsEarly()), ['S3.large', 'S5.range-whole']],
  [
    'replaces in two steps',
    on(() => new ReplacesInTwoSteps()),
    ['S1.replace-atomic', 'S1.replace-race', 'S1.failed-replace-keeps-old'],
  ],
  ['shares its memory with readers', on(() => new SharesMemory()), ['S3.own-copy']],
  ['copies bytes only', on(() => new CopiesBytesOnly()), ['S1.copy-attributes']],
  [
    'forgets how it is encoded when it reads',
    on(() => new ForgetsEncoding()),
    ['S6.gzip-round-trip', 'S14.gzip-bomb', 'S14.gzip-members'],
  ],
  [
    'makes up a name where it is given no other',
    on(() => new NamesAsItLikes()),
    ['S1.fail-where-taken', 'S1.fail-where-taken-race'],
  ],
  [
    'forgets the write id',
    on(() => new ForgetsWriteId()),
    ['S2.lost-create', 'S2.lost-replace', 'S2.undo-own', 'S2.find-write'],
  ],
  ['reads all content first', on(() => new ReadsAllFirst()), ['S3.back-pressure-write']],
  ['normalizes names', on(() => new NormalizesNames()), ['S7.exact-names']],
  ["hides the stream's errors", on(() => new HidesStreamErrors()), ['S1.failed-create-leaves-nothing']],
  ['lists what has no name', storage(() => new ListsNameless(new MemoryBackend())), ['S8.nameless']],
  [
    'refuses a whole batch',
    storage(() => new RefusesWholeBatch(new MemoryBackend())),
    ['S7.delete-many-refused'],
  ],
  ['knows its folder by one name', storage(() => new KnowsOneName()), ['S7.reserved-lookalikes']],
  ['renames devices', storage(() => new RenamesDevices(new MemoryBackend())), ['S7.devices']],
  ['lists a few levels only', on(() => new ListsNotDeep()), ['S8.deep']],
  ['puts parts together as they came', on(ordersByArrival), ['C2.parts']],
  ['takes the part that has the number', on(forgetsReceipts), ['C2.parts-other']],
  ['completes over what somebody put there', on(overtakesAll), ['C2.parts-overtaken']],
  ['completes a write once', on(completesOnce), ['C2.parts-twice']],
  ['keeps the parts of what was undone', on(keepsPartsOfUndone), ['C2.parts-undone']],
  [
    'stores other bytes than those of the digest that a part was signed with',
    () => signsParts({ takesAnyBytes: true }),
    ['C2.parts-digest'],
  ],
  [
    'makes objects without a digest of parts that have one',
    () => signsParts({ forgetsTheWhole: true }),
    ['C2.parts-digest-whole'],
  ],
  [
    'tells of parts without their digest',
    () => signsParts({ listsEtagsOnly: true }),
    ['C2.parts-digest-whole'],
  ],
  [
    'signs parts without the digest that they need',
    () => signsParts({ signsAnything: true }),
    ['C2.parts-digest-needed'],
  ],
  ['takes back what belongs to a write', on(undoesWhatBelongsToIt), ['C2.within-apart']],
  ['shows what holds a name', on(showsWhatHoldsNames), ['C2.parts', 'C2.parts-name']],
  [
    'keeps partial objects',
    on(() => new KeepsPartialObjects()),
    ['S1.failed-create-leaves-nothing', 'S3.never-resent', 'S6.declared-length'],
  ],
];

test.each(MUTANTS)('a backend that %s is caught', async (mistake, create, caughtBy) => {
  expect(failed(await run(mistake, create))).toEqual(expect.arrayContaining([...caughtBy]));
});

test('the same disk that flushes everything keeps the contract', async () => {
  expect(failed(await run('flushing', () => simulatedDisk({ content: true, folders: true })))).toEqual([]);
});

test('the one whose parts clients send keeps the contract', async () => {
  const { behaviours } = await run('signed parts', () => signsParts());
  expect(behaviours.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  const ofParts = behaviours.filter(({ id }) => /^C2.parts-(signed|told|digest)/.test(id));
  expect(ofParts.map(({ outcome }) => outcome)).toEqual(ofParts.map(() => 'passed'));
  expect(ofParts).toHaveLength(5);
});

test('the backend that all mutants are made from keeps the contract', async () => {
  expect(
    failed(
      await run(
        'memory',
        on(() => new MemoryBackend()),
      ),
    ),
  ).toEqual([]);
});

test('a backend that can only what every backend must keeps the contract', async () => {
  const bare = (): Backend =>
    new Proxy(new MemoryBackend(), {
      get(target, property) {
        if (property === 'copy') return undefined;
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  expect(failed(await run('bare', on(bare)))).toEqual([]);
});

test('a backend that reserves names by a stub keeps the contract, apart from hiding it', async () => {
  const stubs = on(() => new ReservesByStub());
  expect(failed(await run('stubs', stubs))).toEqual(['S8.no-temporaries']);
  expect(failed(await run('stubs', stubs, { 'hidden-while-written': 'a stub holds the name' }))).toEqual([]);
});
