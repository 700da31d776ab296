import { upload } from '@fieldfile/browser';
import Uppy from '@uppy/core';
import Tus from '@uppy/tus';
import { Upload } from 'tus-js-client';

// The clients as npm has them, on the page of a test. Each sends the file that was chosen, and gives the upload's token.

const chosen = (): File => {
  const file = document.querySelector('input')?.files?.[0];
  if (!file) throw new Error('No file was chosen.');
  return file;
};

const endpoint = '/uploads/';
/** A server that is started anew takes its time. */
const retryDelays = [0, 1000, 3000, 5000, 5000, 5000, 5000, 5000];
const tokenIn = (url: string | null | undefined): string => url?.split('/').at(-1) ?? '';

Object.assign(globalThis, {
  clients: {
    async '@fieldfile/browser'() {
      return (await upload(chosen(), { tus: endpoint })).token;
    },
    async '@uppy/tus'() {
      const uppy = new Uppy().use(Tus, { endpoint, retryDelays });
      const { name, type } = chosen();
      uppy.addFile({ name, type, data: chosen() });
      const result = await uppy.upload();
      const [failed] = result?.failed ?? [];
      if (failed) throw new Error(String(failed.error));
      return tokenIn(result?.successful?.[0]?.uploadURL);
    },
    'tus-js-client': () =>
      new Promise((resolve, reject) => {
        const one = new Upload(chosen(), {
          ...{ endpoint, retryDelays },
          metadata: { filename: chosen().name },
          onSuccess: () => resolve(tokenIn(one.url)),
          onError: reject,
        });
        one.start();
      }),
  },
});
