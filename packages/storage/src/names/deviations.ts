/** One vector of Django's (`test/vectors/django-names.json`) that FieldFile answers otherwise. */
export interface Deviation {
  /** The function of Django or django-storages. */
  readonly group: string;
  /** Its arguments in the vector. */
  readonly input: readonly (string | number)[];
  /** Our result: a name, null for none, or how our refusal begins. */
  readonly result: { readonly ok: string | null } | { readonly message: string };
}

/** Deviations that have one reason. */
export interface DeviationGroup {
  readonly reason: string;
  readonly cases: readonly Deviation[];
}

const f = (length: number): string => 'f'.repeat(length);

/** A name that is answered otherwise. */
const gives = (group: string, input: string, ok: string | null): Deviation => ({
  group,
  input: [input],
  result: { ok },
});

/** A name that is refused, or refused in other words. */
const refuses = (group: string, input: string | readonly [string, number], message: string): Deviation => ({
  group,
  input: typeof input === 'string' ? [input] : input,
  result: { message },
});

const FIELD = "FileField(upload_to='some/folder/').generate_filename";
const AVAILABLE = 'Storage.get_available_name(no collision)';
const OVERWRITE = 'django-storages.get_available_overwrite_name';
const UPLOADED_FILE = 'UploadedFile.name setter';
const MULTIPART = 'MultiPartParser.sanitize_file_name';

/**
 * Every place where FieldFile knowingly leaves Django's behaviour, with the reason. The tests assert these results
 * instead of Django's, and fail for one that no vector needs.
 */
export const deviations: readonly DeviationGroup[] = [
  {
    reason: 'A drive letter makes a path absolute, or relative to a folder of that drive, on Windows.',
    cases: [
      ...['C:\\Windows\\a.txt', 'a:b.txt', 'C:some_file.txt'].map(name =>
        refuses('validate_file_name', name, `File name '${name}' includes path elements`),
      ),
      ...['C:\\Windows\\a.txt', 'C:some_file.txt'].map(name =>
        refuses('validate_file_name_relative', name, `Detected path traversal attempt in '${name}'`),
      ),
      gives(MULTIPART, 'C:some_file.txt', 'some_file.txt'),
    ],
  },
  {
    reason: 'NUL ends a path in the operating system; control characters forge log lines and headers.',
    cases: [
      ...['\0', 'a\tb.txt', 'a\0b.txt'].map(name => refuses('validate_file_name', name, 'File name ')),
      ...['a\tb.txt', 'a\nb.txt', 'a\0b.txt'].map(name =>
        refuses('validate_file_name_relative', name, 'File name '),
      ),
      ...['\0', 'a\0/../b'].map(name =>
        refuses('FileSystemStorage.path(root /srv/media)', name, 'The path '),
      ),
    ],
  },
  {
    reason: 'Windows strips dots off the end of a name: dots alone are the folder itself, or the one above.',
    cases: [
      ...['get_valid_filename', 'validate_file_name', 'Storage.generate_filename', AVAILABLE].map(group =>
        refuses(group, '...', "Could not derive file name from '...'"),
      ),
      refuses('validate_file_name', 'a/...', "Could not derive file name from 'a/...'"),
      refuses('Storage.generate_filename', 'a/...', "Could not derive file name from '...'"),
      refuses(AVAILABLE, 'a/...', "Could not derive file name from '...'"),
      refuses(FIELD, '...', "Could not derive file name from 'some/folder/...'"),
      refuses(FIELD, 'a/...', "Could not derive file name from 'some/folder/a/...'"),
    ],
  },
  {
    reason: 'A root that is dropped whole must not leave a hidden file, which web servers and listings skip.',
    cases: [
      gives('get_valid_filename', '🎉.txt', 'file.txt'),
      gives(FIELD, '🎉.txt', 'some/folder/file.txt'),
    ],
  },
  {
    reason:
      'A hidden file may be settings of a server (`.htaccess`, `.user.ini`): a client must not name one.',
    cases: [
      gives('get_valid_filename', '.hidden', '_.hidden'),
      gives('Storage.generate_filename', '.hidden', '_.hidden'),
      gives('Storage.generate_filename', 'a/..b', 'a/_..b'),
      gives(FIELD, '.hidden', 'some/folder/_.hidden'),
      gives(FIELD, 'a/..b', 'some/folder/a/_..b'),
      gives('get_valid_filename', '. .', '_._'),
      gives('Storage.generate_filename', '. .', '_._'),
      gives(FIELD, '. .', 'some/folder/_._'),
    ],
  },
  {
    reason: 'Windows leaves out dots at the end of a name: `a.php.` would be run as `a.php`.',
    cases: [gives(FIELD, 'a/b..', 'some/folder/a/b')],
  },
  {
    reason: 'A name that begins with "-" is an option to every command it is passed to.',
    cases: [
      gives('get_valid_filename', "^&'@{}[],$=!-#()%+~_123.txt", '_-_123.txt'),
      gives('Storage.generate_filename', "^&'@{}[],$=!-#()%+~_123.txt", '_-_123.txt'),
      gives('Storage.generate_filename', '-rf', '_-rf'),
      gives(FIELD, "^&'@{}[],$=!-#()%+~_123.txt", 'some/folder/_-_123.txt'),
      gives(FIELD, '-rf', 'some/folder/_-rf'),
    ],
  },
  {
    reason: 'Windows opens the device, not a file, for its name with any extension.',
    cases: [
      gives('get_valid_filename', 'con', '_con'),
      gives('get_valid_filename', 'CON.txt', '_CON.txt'),
      gives('Storage.generate_filename', 'con', '_con'),
    ],
  },
  {
    reason:
      "An upload is cleaned by one function, on every operating system alike: UploadedFile's setter leaves " +
      'backslashes, escapes, control and direction characters on POSIX. Where nothing is left it says so instead of ' +
      'throwing, since a form field without a file is no attack.',
    cases: [
      ...[
        'C:\\Windows\\hax0rd.txt',
        '\\tmp\\hax0rd.txt',
        '/tmp\\hax0rd.txt',
        'subdir\\hax0rd.txt',
        '../..\\hax0rd.txt',
        '..&#x2F;hax0rd.txt',
        '..&sol;hax0rd.txt',
        '..&bsol;hax0rd.txt',
      ].map(name => gives(UPLOADED_FILE, name, 'hax0rd.txt')),
      gives(UPLOADED_FILE, 'non-\0printable\0\n_chars.txt\0', 'non-printable_chars.txt'),
      gives(UPLOADED_FILE, '\u202egnp.exe', 'gnp.exe'),
      ...['', '/tmp/', '/tmp/.', '/tmp/..', 'c:\\tmp\\.', 'c:\\tmp\\..'].map(name =>
        gives(UPLOADED_FILE, name, null),
      ),
    ],
  },
  {
    reason: "The same function keeps UploadedFile's limit of 255 characters, which the parser leaves to it.",
    cases: [
      gives(MULTIPART, `foo.${f(300)}`, `.${f(254)}`),
      gives(MULTIPART, f(300), f(255)),
      gives(MULTIPART, `.${f(300)}`, `.${f(254)}`),
      gives(MULTIPART, `${f(300)}.${f(300)}`, `.${f(254)}`),
    ],
  },
  {
    reason:
      'What is escaped twice is unescaped twice: whoever unescapes the name again must not find a separator.',
    cases: [gives(MULTIPART, '..&amp;sol;hax0rd.txt', 'hax0rd.txt')],
  },
  {
    reason:
      "django-storages keeps the last suffix only and has its own words for a name that is too long; Django's rule " +
      'and words hold for both, so that an archive stays a .tar.gz.',
    cases: [
      { group: OVERWRITE, input: ['ab.tar.gz', 8], result: { ok: 'a.tar.gz' } },
      refuses(OVERWRITE, ['a.tar.gz', 7], 'Storage can not find an available filename for "a.tar.gz". '),
      refuses(
        OVERWRITE,
        ['abc.longext', 5],
        'Storage can not find an available filename for "abc.longext". ',
      ),
    ],
  },
];
