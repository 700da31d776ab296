import { FieldFileError } from '@fieldfile/storage';

/** The client goes on from where the upload is not. */
export class OtherOffsetError extends FieldFileError {
  /** So many bytes are kept. */
  readonly offset: number;

  constructor(kept: number, given: number) {
    super('conflict', `${kept} bytes of the upload are kept, and not ${given}.`, {
      operation: 'upload',
      retryable: true,
    });
    this.offset = kept;
  }
}
