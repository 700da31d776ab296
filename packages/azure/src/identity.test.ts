import { ContainerClient } from '@azure/storage-blob';
import { expect, test } from 'vitest';
import { AzureStorage } from './storage.ts';

const invalid = expect.objectContaining({ code: 'invalid-argument' });
const at = (url: string) => ({ client: new ContainerClient(url) });
const azureContainer = 'media';
const accountKey = Buffer.from('a key').toString('base64');

test.each([
  ['azure:https://acct.blob.core.windows.net/media', at('https://acct.blob.core.windows.net/media')],
  [
    'azure:https://acct.blob.core.windows.net/media',
    at('http://acct.blob.core.windows.net:80/media/?sv=1&sig=x'),
  ],
  [
    'azure:https://acct.blob.core.windows.net/media',
    at('https://acct-secondary.blob.core.windows.net/media'),
  ],
  [
    'azure:https://acct.blob.core.windows.net/media',
    at('https://user:password@acct.blob.core.windows.net/media'),
  ],
  ['azure:https://acct.blob.core.windows.net/media', { azureContainer, accountName: 'acct', accountKey }],
  [
    'azure:https://acct.blob.core.windows.net/media/a',
    { azureContainer, accountName: 'acct', azureSsl: false, location: 'a', accountKey },
  ],
  [
    'azure:http://127.0.0.1:10000/devstoreaccount1/media',
    at('http://127.0.0.1:10000/devstoreaccount1/media?sig=x'),
  ],
  ['mine', { ...at('https://cdn.example.com/media'), id: 'mine', location: 'a' }],
])('%s: %#', async (id, options) => {
  await using storage = new AzureStorage(options);
  expect(storage.id).toBe(id);
});

test('an address that does not say the account needs the option id', () => {
  const open = () => new AzureStorage(at('https://cdn.example.com/media?sig=secret'));
  expect(open).toThrow(invalid);
  expect(open).toThrow(/option id/);
  expect(open).not.toThrow(/secret/);
});

test('one place has one id, and none inside of it', async () => {
  const url = 'https://acct.blob.core.windows.net/media';
  await using _whole = new AzureStorage({ ...at(url), location: 'a' });
  const open = (options: object) => () => new AzureStorage({ ...at(`${url}?sig=x`), ...options });
  expect(open({ location: 'a' })).not.toThrow();
  for (const options of [{ location: 'a', id: 'mine' }, { location: 'a/b' }, {}])
    expect(open(options)).toThrow(invalid);
  expect(open({ location: 'b' })).not.toThrow();
});

test('what version 0.1.0 called it is a former id, but for what was secret in it', async () => {
  await using http = new AzureStorage(at('http://acct.blob.core.windows.net/media?sig=x'));
  expect(http.formerIds).toEqual(['azure:http://acct.blob.core.windows.net/media']);
});
