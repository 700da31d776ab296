import { isFieldFileError } from '@fieldfile/storage';
import { withApplied } from './errors.ts';

/** Attempts of one request, whose answer may have been lost: from then on nobody knows whether it was carried out. */
export class LostAnswer {
  #wasLost = false;

  get wasLost(): boolean {
    return this.#wasLost;
  }

  /** One attempt. */
  async watch<T>(attempt: Promise<T>): Promise<T> {
    try {
      return await attempt;
    } catch (error) {
      if (isFieldFileError(error) && error.applied === 'unknown') this.#wasLost = true;
      throw error;
    }
  }

  /** All of them: a refusal in the end does not tell of the attempts before it. */
  async told<T>(attempts: Promise<T>): Promise<T> {
    try {
      return await attempts;
    } catch (error) {
      throw this.#wasLost && isFieldFileError(error) ? withApplied(error, 'unknown', error.cause) : error;
    }
  }
}
