/** A defect that was seen in another library, by running it or in its source, and what keeps it out of this one. */
export interface Defect {
  readonly id: string;
  readonly what: string;
  /** Behaviours of the storage contract, which every backend runs. A prefix that ends in `-` stands for a family. */
  readonly behaviours?: readonly string[];
  /** Other tests: a file below `packages`, and the beginning of a test's name in it. */
  readonly tests?: readonly (readonly [file: string, name: string])[];
  /** Why no test of behaviour can show it, or what it has no counterpart of. */
  readonly note?: string;
}

export const defects: readonly Defect[] = [
  {
    id: 'D1',
    what: 'a stream that fails half-way destroys the object that was there',
    behaviours: ['S1.failed-replace-keeps-old', 'S3.failing-source'],
  },
  {
    id: 'D2',
    what: 'two concurrent creates of one key both succeed',
    behaviours: ['S1.one-winner', 'S1.rename-loop-two-clients'],
    tests: [['fs/test/processes.test.ts', 'that save one name at once all keep their object']],
  },
  {
    id: 'D3',
    what: 'every call leaves a listener on the AbortSignal it shares',
    behaviours: ['S4.no-listeners'],
  },
  {
    id: 'D4',
    what: 'a symbolic link within the root is followed out of it',
    tests: [
      ['fs/src/symlinks.test.ts', 'that is a folder is never followed'],
      [
        'fs/src/symlinks.test.ts',
        'a symbolic link planted again and again while saving in %s never leads outside',
      ],
    ],
  },
  {
    id: 'D5',
    what: 'a missing object is an error that does not say so, and has no name of its own',
    behaviours: ['S10.not-found', 'S10.absent'],
  },
  {
    id: 'D6',
    what: 'keys with signs or letters beyond ASCII are refused',
    behaviours: ['S7.odd-'],
  },
  {
    id: 'D7',
    what: 'opening a missing object succeeds, and its body fails later with an error of the system',
    behaviours: ['S10.open-missing', 'S10.not-found'],
  },
  { id: 'D8', what: 'an upload from a stream is collected in memory', behaviours: ['S3.flat-memory'] },
  {
    id: 'D9',
    what: 'the whole tree is walked and sorted for every page of a listing',
    behaviours: ['S8.one-listing'],
    tests: [['fs/src/list.test.ts', 'reads only the folders that a page needs']],
  },
  {
    id: 'D10',
    what: "readers see one writer's body with another's metadata",
    behaviours: ['S1.body-with-its-metadata', 'S1.replace-race'],
    tests: [['fs/test/processes.test.ts', 'that replace one version at once lose no update']],
  },
  {
    id: 'D11',
    what: 'no conditional writes and deletes on local disk and in memory',
    behaviours: ['S1.replace-if-match', 'S1.replace-if-match-race', 'S10.remove-if-match'],
  },
  {
    id: 'D12',
    what: 'a source that fails half-way ends the process, or the call never settles and parts are left',
    behaviours: ['S3.failing-source', 'S1.failed-create-leaves-nothing', 'S4.abort-hanging-'],
  },
  {
    id: 'D13',
    what: 'of many acknowledged saves of one name one content is kept, or they spoil each other',
    behaviours: ['S1.rename-loop', 'S1.rename-loop-streams', 'S1.copy-race'],
  },
  {
    id: 'D14',
    what: 'a failed or aborted upload leaves blocks or parts',
    behaviours: ['S4.many-aborts', 'S1.failed-create-leaves-nothing', 'S3.failing-source'],
  },
  {
    id: 'D15',
    what: 'reading an empty file gives memory of the process',
    behaviours: ['S3.own-memory', 'S3.empty', 'S3.content-pooled'],
  },
  {
    id: 'D16',
    what: 'large streams cost memory and are refused beyond 2 GiB, large listings take seconds',
    behaviours: ['S3.flat-memory', 'S8.one-listing'],
    note: 'Its times are measured by apps/bench.',
  },
  {
    id: 'D17',
    what: 'small uploads and the beginning of a listing cost a multiple of the bare call',
    note: 'Time is measured by apps/bench.',
  },
  { id: 'D18', what: 'a Uint8Array type-checks as content and fails', behaviours: ['S3.content-bytes'] },
  {
    id: 'D19',
    what: 'concurrent writes of one name leave a mix of them',
    behaviours: ['S1.replace-race', 'S1.rename-loop', 'S1.replace-atomic'],
    tests: [
      [
        'fs/test/processes.test.ts',
        'that are killed at any moment leave every visible object whole, old or new',
      ],
    ],
  },
  {
    id: 'D20',
    what: 'deletes are sent in batches of one name more than the provider takes',
    behaviours: ['S10.delete-more-than-a-batch', 'S10.delete-many'],
  },
  {
    id: 'D21',
    what: 'a folder is listed without the caller’s abort signal',
    behaviours: ['S4.abort-listing'],
  },
  {
    id: 'D22',
    what: 'a wrapper calls another method of the backend than it was asked for',
    tests: [['storage/src/wrappers/prefix.test.ts', 'optional methods are there only where']],
  },
  {
    id: 'D23',
    what: 'the source of a copy is not escaped',
    behaviours: ['S7.odd-', 'S7.long-keys'],
  },
  {
    id: 'D24',
    what: 'a copy asks for the ACL of its source with another request',
    note: 'Nothing here reads ACLs.',
  },
  {
    id: 'D25',
    what: 'a stream of unknown length cannot be stored',
    behaviours: ['S3.large', 'S3.content-readable', 'S3.content-async-generator'],
  },
  {
    id: 'D26',
    what: 'a move on one disk copies and deletes',
    tests: [['fs/src/upload.test.ts', 'a file that may be consumed is moved, not copied']],
    note: 'A storage has no move; a file that may be consumed is renamed.',
  },
  {
    id: 'D27',
    what: 'an object of zero bytes is taken for none',
    behaviours: ['S3.empty', 'S5.range-empty-object', 'S3.own-memory'],
  },
  {
    id: 'D28',
    what: 'a malformed Range header is answered 416',
    note: 'A storage takes ranges as numbers, and refuses those that are none: S5.range-invalid.',
    behaviours: ['S5.range-invalid'],
  },
  {
    id: 'D29',
    what: 'an upload takes its whole content as one buffer, and then writes it in place',
    behaviours: ['S3.flat-memory', 'S3.back-pressure-write', 'S1.replace-atomic'],
  },
  {
    id: 'D30',
    what: 'a constructor does I/O, whose failure nobody can catch',
    tests: [['conformance/test/defects.test.ts', 'D30']],
  },
  {
    id: 'D31',
    what: 'a root is left for a sibling whose name begins like it',
    behaviours: ['S7.suspicious-'],
    tests: [
      ['conformance/test/defects.test.ts', 'D31'],
      ['storage/src/wrappers/prefix.test.ts', 'objects are below the location'],
    ],
  },
];
