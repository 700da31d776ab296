import { FileSystemStorage } from '@fieldfile/fs';
import { nameOf, serve } from '@fieldfile/http';

const storage = new FileSystemStorage({ root: 'media' });

// Ask here who may read the file.
export const files = request => serve(request, { storage, name: nameOf(request, '/files/') });
