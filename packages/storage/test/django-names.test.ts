import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { splitLines } from '../src/content/lines.ts';
import { isFieldFileError } from '../src/errors/field-file-error.ts';
import { candidateNames } from '../src/names/candidate-names.ts';
import { cleanName } from '../src/names/clean-name.ts';
import { cleanUploadName } from '../src/names/clean-upload-name.ts';
import { type Deviation, deviations } from '../src/names/deviations.ts';
import { djangoNames } from '../src/names/django-names.ts';
import { fieldFilename } from '../src/names/field-filename.ts';
import { generateFilename } from '../src/names/generate-filename.ts';
import { getValidName } from '../src/names/get-valid-name.ts';
import { joinLocation } from '../src/names/join-location.ts';
import { joinUrl } from '../src/names/join-url.ts';
import type { NamePolicy } from '../src/names/name-policy.ts';
import { overwriteName } from '../src/names/overwrite-name.ts';
import { safeJoin } from '../src/names/safe-join.ts';
import { shown } from '../src/names/suspicious-name.ts';
import { validateFileName } from '../src/names/validate-file-name.ts';

type Result = { readonly ok: unknown } | { readonly error: string };
type Argument = string | number | null;
type Run = (...input: readonly Argument[]) => unknown;

const django = djangoNames();
const fixedSuffix: NamePolicy = { ...django, getAlternativeName: (root, ext) => `${root}_ABCDEFG${ext}` };
const now = new Date(2026, 0, 2);
const text = (value: Argument | undefined): string => {
  if (typeof value !== 'string') throw new TypeError(`${value} is no text.`);
  return value;
};
const limit = (value: Argument | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined;

/** What of ours answers for each of Django's. */
const functions: Readonly<Record<string, Run>> = {
  get_valid_filename: name => getValidName(text(name)),
  validate_file_name: name => validateFileName(text(name)),
  validate_file_name_relative: name => validateFileName(text(name), { allowRelativePath: true }),
  'Storage.generate_filename': name => generateFilename(text(name)),
  'Storage.get_available_name(no collision)': name => candidateNames(django, text(name)).first,
  'Storage.get_available_name(collision, suffix ABCDEFG)': (name, maxLength) =>
    candidateNames(fixedSuffix, text(name), limit(maxLength)).next(),
  'Storage.get_available_name(no collision, too long)': (name, maxLength) =>
    candidateNames(fixedSuffix, text(name), limit(maxLength)).first,
  'FileSystemStorage(allow_overwrite).get_available_name': (name, maxLength) =>
    overwriteName(text(name), limit(maxLength)),
  'FileSystemStorage.url(base /media/)': name => joinUrl('/media/', text(name ?? '')),
  'FileSystemStorage.path(root /srv/media)': name => safeJoin('/srv/media', text(name), 'posix'),
  safe_join: (base, name) => safeJoin(text(base), text(name), 'posix'),
  'UploadedFile.name setter': name => (name === null ? null : (cleanUploadName(text(name)) ?? null)),
  'MultiPartParser.sanitize_file_name': name => cleanUploadName(text(name)) ?? null,
  "FileField(upload_to='some/folder/').generate_filename": name =>
    fieldFilename({ uploadTo: 'some/folder/', filename: text(name), policy: django, now }),
  "FileField(upload_to=cb '/tmp/'+n).generate_filename": name =>
    fieldFilename({ uploadTo: { path: `/tmp/${name}` }, filename: text(name), policy: django, now }),
  "FileField(upload_to=cb 'test.txt').generate_filename": name =>
    fieldFilename({ uploadTo: { path: 'test.txt' }, filename: text(name), policy: django, now }),
  'File iteration (chunk size 4)': content => linesInChunksOf4(text(content)),
  'django-storages.clean_name': name => cleanName(text(name)),
  "django-storages.safe_join(location='loc')": name => joinLocation('loc', text(name)),
  "django-storages.safe_join(location='')": name => joinLocation('', text(name)),
  'django-storages.get_available_overwrite_name': (name, maxLength) =>
    overwriteName(text(name), limit(maxLength)),
};

const { source: _, ...groups } = JSON.parse(
  await readFile(new URL('vectors/django-names.json', import.meta.url), 'utf8'),
) as Record<string, readonly (readonly unknown[])[]>;

const vectors = Object.entries(groups).flatMap(([group, rows]) =>
  rows.map(row => ({ group, input: row.slice(0, -1), django: expectation(row.at(-1)) })),
);
const cases = deviations.flatMap(({ reason, cases }) => cases.map(deviation => ({ reason, ...deviation })));

const deviationOf = (group: string, input: readonly unknown[]): Deviation | undefined =>
  cases.find(deviation => deviation.group === group && sameInput(deviation.input, input));

test('there are 502 vectors of Django', () => {
  expect(vectors).toHaveLength(502);
  expect(Object.keys(functions)).toEqual(Object.keys(groups));
});

describe.each(Object.keys(groups))('django %s', group => {
  const titled = vectors
    .filter(vector => vector.group === group)
    .map(vector => ({ ...vector, title: JSON.stringify(vector.input).slice(0, 60) }));
  test.each(titled)('$title', async ({ input, django }) => {
    const deviation = deviationOf(group, input);
    const result = await run(group, input);
    expectResult(result, deviation === undefined ? django : expectation(deviation.result));
  });
});

describe('every deviation is needed by a vector', () => {
  test.each(cases)('$group $input', async ({ group, input }) => {
    const vector = vectors.find(one => one.group === group && sameInput(one.input, input));
    if (vector === undefined) throw new Error('No vector has this input: remove the deviation.');
    const result = await run(group, input);
    expect(() => expectResult(result, vector.django), 'Django agrees: remove the deviation.').toThrow();
  });
});

async function run(group: string, input: readonly unknown[]): Promise<Result> {
  try {
    return { ok: await functions[group]?.(...(input as readonly Argument[])) };
  } catch (error) {
    if (!isFieldFileError(error, 'suspicious-name', 'name-too-long')) throw error;
    return { error: error.message };
  }
}

function expectResult(result: Result, expected: Result): void {
  if ('ok' in expected) expect(result).toEqual({ ok: expected.ok });
  else expect('error' in result && result.error.slice(0, expected.error.length)).toBe(expected.error);
}

function expectation(value: unknown): Result {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { ok: value };
  if ('message' in value) return { error: shown(String(value.message)).slice(1, -1) };
  return value as Result;
}

function sameInput(one: readonly unknown[], other: readonly unknown[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

async function linesInChunksOf4(content: string): Promise<string[]> {
  const bytes = new TextEncoder().encode(content);
  const chunks = Array.from({ length: Math.ceil(bytes.length / 4) }, (_, index) =>
    bytes.subarray(index * 4, index * 4 + 4),
  );
  const lines: string[] = [];
  for await (const line of splitLines(chunks)) lines.push(line);
  return lines;
}
