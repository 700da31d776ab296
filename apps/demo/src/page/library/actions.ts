import type { FileView } from '../../library/file-view.ts';
import { ApiError, request } from '../api.ts';
import { SHELF_NAMES, shortName } from '../format.ts';
import { say, sayError } from '../toasts.ts';
import { sendFile } from './send-file.ts';
import { apply } from './state.ts';
import { uploadFiles } from './uploads.ts';

/** What people do to a file of the library. Each says what became of it. */

export async function remove(file: FileView): Promise<void> {
  try {
    const { undo } = await request<{ readonly undo: string }>('DELETE', `/api/library/${file.id}`);
    apply({ kind: 'removed', id: file.id });
    say(`${shortName(file.title)} was deleted.`, {
      action: { label: 'Undo', run: () => void bringBack(file, undo) },
    });
  } catch (error) {
    sayError(error);
  }
}

async function bringBack(file: FileView, token: string): Promise<void> {
  try {
    apply({ kind: 'changed', file: await request('POST', `/api/library/${file.shelf}/undo`, token) });
    say(`${shortName(file.title)} is back.`);
  } catch (error) {
    sayError(error);
  }
}

/** @returns whether it was renamed. */
export async function rename(file: FileView, title: string): Promise<boolean> {
  try {
    const path = `/api/library/${file.id}?version=${file.version}`;
    apply({ kind: 'changed', file: await request('PATCH', path, { title }) });
    return true;
  } catch (error) {
    sayError(error);
    return false;
  }
}

/** Of two who replace a file at once, one wins; the other is told, and has lost nothing. */
export async function replace(file: FileView, content: File): Promise<void> {
  const path = `/api/library/${file.id}/content?version=${file.version}`;
  try {
    apply({ kind: 'changed', file: await sendFile('PUT', path, content).done });
    say(`${shortName(file.title)} has new content.`);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'conflict')) return sayError(error);
    say(`Somebody else changed ${shortName(file.title)} first. Theirs was kept, yours was not stored.`, {
      isError: true,
      action: { label: 'Add mine as a new file', run: () => uploadFiles([content], file.shelf) },
    });
  }
}

export async function copyTo(file: FileView, shelf: string): Promise<void> {
  try {
    apply({ kind: 'changed', file: await request('POST', `/api/library/${file.id}/copy?to=${shelf}`) });
    say(`${shortName(file.title)} was copied to ${SHELF_NAMES[shelf]}.`);
  } catch (error) {
    sayError(error);
  }
}

/** A link that works without this page, until it is used up or taken back. */
export async function giveLink(file: FileView): Promise<void> {
  try {
    const { url } = await request<{ readonly url: string }>('POST', `/api/links/${file.id}`);
    const address = new URL(url, location.href).href;
    say(`A link to ${shortName(file.title)}: ${address}`, {
      action: { label: 'Copy', run: () => void navigator.clipboard.writeText(address).catch(sayError) },
    });
  } catch (error) {
    sayError(error);
  }
}
