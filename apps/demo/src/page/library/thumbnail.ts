import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { FileView } from '../../library/file-view.ts';
import { type Kind, kindOf } from '../format.ts';
import { html } from '../html.ts';
import { Icon } from '../icons.ts';

/** Where a file's bytes are; another version has another address, so that no browser shows an old one. */
export const addressOf = ({ id, version }: FileView): string => `/files/${id}?version=${version}`;

const DRAWN_KINDS: readonly Kind[] = ['image', 'video'];

/** A small picture of a file: itself, its first page, a frame of it, or a sign for its kind. */
export function Thumbnail({ file }: { readonly file: FileView }): VNode {
  const kind = kindOf(file.contentType);
  const address = pictureOf(file);
  const isPicture = kind === 'image';
  const [broken, breakAt] = useState<string>();
  const [shown, showAt] = useState<string>();
  return address === undefined || broken === address
    ? html`<span class="thumbnail sign" data-kind=${kind}>
        <${Icon} name=${kind} />
        <small>${extensionOf(file)}</small>
      </span>`
    : html`<span class="thumbnail">
        ${isPicture && shown !== address && html`<img class="blur" src=${`${address}&size=blur`} alt="" />`}
        <img
          src=${address}
          alt=""
          loading="lazy"
          decoding="async"
          onLoad=${() => showAt(address)}
          onError=${() => breakAt(address)}
        />
      </span>`;
}

function pictureOf(file: FileView): string | undefined {
  const address = `/thumbnails/${file.id}?version=${file.version}`;
  if (file.contentType === 'application/pdf') return `${address}&size=page`;
  return DRAWN_KINDS.includes(kindOf(file.contentType)) ? address : undefined;
}

/** Of a type that says nothing, nothing is said. */
const extensionOf = ({ title, contentType }: FileView): string =>
  (/\.(\w{1,5})$/.exec(title)?.[1] ?? /\/(\w{1,5})$/.exec(contentType)?.[1] ?? '').toUpperCase();
