import { type Declared, defineFiles, model } from '@fieldfile/core';
import { toNodeHandler } from '@fieldfile/http/node';
import { type Received, uploads } from '@fieldfile/http/receive';
import type { Storage } from '@fieldfile/storage';
import { listen } from '../servers/listen.ts';
import type { Site } from '../site.ts';

interface UploadRow {
  id: number;
  /** An image. */
  picture: string | null;
  /** Whatever it is. */
  paper: string | null;
}

/** Small, so that requests that are too large are small, too. */
export const LIMITS = {
  maxFiles: 3,
  maxFileBytes: 100_000,
  maxBytes: 1_500_000,
  maxParts: 20,
  maxTextBytes: 1000,
  maxHeaderBytes: 1024,
  idleSeconds: 0.3,
} as const;

/** An application that takes a form with pictures and papers, and a raw body by PUT. It keeps nothing that it does not tell of. */
export async function uploadSite(storage: Storage): Promise<Site> {
  const rows: Declared<UploadRow, 'id', 'picture' | 'paper'> = defineFiles(
    model<UploadRow>()('upload', 'id'),
    { picture: { storage, accept: ['image/*'] }, paper: { storage } },
  );
  const fields = {
    picture: rows.picture,
    paper: rows.paper,
    papers: [rows.paper],
    title: 'text',
    tags: ['text'],
  } as const;
  const options = {
    authorize: () => true,
    fields,
    limits: LIMITS,
    handle: async ({ picture, paper, papers, title, tags }: Received<typeof fields>) => {
      const told = [picture, paper, ...papers].flatMap(one => (one ? [one.staged] : []));
      const files = told.map(({ originalName, contentType, sizeBytes }) => ({
        ...{ originalName, contentType, sizeBytes },
      }));
      const body = JSON.stringify({ files, title, tags });
      return new Response(body, { headers: { 'content-length': String(Buffer.byteLength(body)) } });
    },
  };
  const [forms, bodies] = [uploads(options), uploads({ ...options, raw: 'paper' })];
  const handler = (request: Request) => (request.method === 'PUT' ? bodies(request) : forms(request));
  return listen(toNodeHandler(handler));
}
