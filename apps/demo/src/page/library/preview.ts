import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { FileView } from '../../library/file-view.ts';
import { kindOf } from '../format.ts';
import { html } from '../html.ts';
import { addressOf, Thumbnail } from './thumbnail.ts';

/** So much of a text is shown. */
const TEXT_BYTES = 4096;

/** A file as it can be looked at or listened to. What could run something is shown as a sign only. */
export function Preview({ file }: { readonly file: FileView }): VNode {
  const address = addressOf(file);
  switch (kindOf(file.contentType)) {
    case 'image':
      return html`<figure class="preview"><img src=${address} alt=${file.title} /></figure>`;
    case 'video':
      return html`<figure class="preview">
        <video src=${address} controls preload="metadata" aria-label=${file.title}></video>
      </figure>`;
    case 'audio':
      return html`<figure class="preview">
        <audio src=${address} controls preload="metadata" aria-label=${file.title}></audio>
      </figure>`;
    default:
      return file.contentType.startsWith('text/') || file.contentType === 'application/json'
        ? html`<${Text} address=${address} />`
        : html`<figure class="preview"><${Thumbnail} file=${file} /></figure>`;
  }
}

/** The beginning of a text, as text: never as a document. */
function Text({ address }: { readonly address: string }): VNode {
  const [text, setText] = useState('');
  useEffect(() => {
    const left = new AbortController();
    fetch(address, { headers: { range: `bytes=0-${TEXT_BYTES - 1}` }, signal: left.signal })
      .then(async response => setText(response.ok ? await response.text() : ''))
      .catch(() => {});
    return () => left.abort();
  }, [address]);
  return html`<pre class="preview text" tabindex="0" aria-label="Beginning of the file" dir="auto">${text}</pre>`;
}
