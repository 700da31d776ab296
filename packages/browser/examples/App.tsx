import '@fieldfile/browser/element';
import type { Progress } from '@fieldfile/browser';
import type { FileUpload } from '@fieldfile/browser/element';
import { type DetailedHTMLProps, type HTMLAttributes, type ReactNode, useState } from 'react';

export function App(): ReactNode {
  const [percent, setPercent] = useState(0);
  const [answer, setAnswer] = useState('');

  async function send(form: FormData): Promise<void> {
    const response = await fetch('/photos', { method: 'POST', body: form });
    setAnswer(await response.text());
  } // React resets the form then, and the element with it

  return (
    <form action={send}>
      <label htmlFor="photo">Photo</label>
      <file-upload
        id="photo"
        name="photo"
        claim="/claims"
        accept="image/*"
        required
        options={{ digest: true }}
        onupload-progress={({ detail }) => setPercent((100 * detail.sentBytes) / detail.totalBytes)}
      />
      <button type="submit">Send</button>
      <output>
        {percent} % {answer}
      </output>
    </form>
  );
}

type Properties = Pick<
  FileUpload,
  'name' | 'claim' | 'tus' | 'accept' | 'multiple' | 'required' | 'options' | 'texts'
>;

interface Events {
  readonly 'onupload-progress': (event: CustomEvent<Progress>) => void;
  readonly 'onupload-error': (event: CustomEvent<{ readonly file: string; readonly error: unknown }>) => void;
}

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'file-upload': DetailedHTMLProps<HTMLAttributes<FileUpload>, FileUpload> & Partial<Properties & Events>;
    }
  }
}
