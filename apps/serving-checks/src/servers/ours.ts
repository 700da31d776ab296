import { serve } from '@fieldfile/http';
import { toNodeHandler } from '@fieldfile/http/node';
import type { Storage } from '@fieldfile/storage';
import { FILES } from '../files.ts';
import type { Site } from '../site.ts';
import { listen } from './listen.ts';

const FILE_HOST = 'files.example.net';

/** The files on a storage, served as an application would. */
export async function ours(storage: Storage): Promise<Site> {
  for (const [name, content] of Object.entries(FILES)) await storage.save(name, content);
  const handler = (request: Request): Promise<Response> => {
    const name = decodeURIComponent(new URL(request.url).pathname.slice(1));
    return serve(request, { storage, name }, { fileHost: FILE_HOST });
  };
  return listen(toNodeHandler(handler), FILE_HOST);
}
