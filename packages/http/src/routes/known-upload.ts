import { isFieldFileError } from '@fieldfile/storage';
import { problemResponse } from '../errors/problem.ts';

/**
 * What an upload's token is asked for. Whoever asks for another's is told that there is none, and of one that has ended, that it
 * has: 403 is left to those who may not upload at all, so that a client whose session is over keeps its upload.
 */
export async function ofKnownUpload(request: Request, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    const refusal = (status: number, code: string, title: string): Response =>
      problemResponse({ status, title }, code, new Headers(), request);
    if (isFieldFileError(error, 'permission') && error.operation === 'redeem')
      return refusal(404, 'not-found', 'There is no such upload');
    if (isFieldFileError(error, 'intent-lost'))
      return refusal(410, 'intent-lost', 'The time of the upload is over');
    throw error;
  }
}
