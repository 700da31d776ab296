import { defineFiles, model, upload } from '@fieldfile/core';
import { FileSystemStorage } from '@fieldfile/fs';
import { uploads } from '@fieldfile/http/receive';

const storage = new FileSystemStorage({ root: 'media' });
const documents = defineFiles(model()('document', 'id'), { file: { storage, uploadTo: 'uploads/' } });

export const receiveDocument = uploads({
  authorize: () => true, // ask here who may upload
  fields: { file: documents.file, title: 'text' },
  handle: async ({ file, title }) => {
    if (!file) return new Response('Choose a file.', { status: 422 });
    const row = { id: 1, file: null, title };
    documents.file.set(row, file);
    await upload(row); // or insert it with a package for your ORM
    return Response.json(row, { status: 201 });
  },
});
