import { FieldFileError } from '../errors/field-file-error.ts';
import type { ErrorContext } from './error-context.ts';

/**
 * The tokens by which one listing goes on, page after page. A service that hands out one that it handed out before would
 * be asked for ever. One token is remembered, a later one each time the way was twice as long: any circle is noticed.
 *
 * @see https://en.wikipedia.org/wiki/Cycle_detection#Brent's_algorithm
 */
export class PageTokens {
  readonly #context: Pick<ErrorContext, 'operation' | 'storage'>;
  #remembered: string | undefined;
  #steps = 0;
  #limit = 1;

  constructor({ operation, storage }: Pick<ErrorContext, 'operation' | 'storage'>) {
    this.#context = { operation, storage };
  }

  /**
   * The token as it came, to ask for the next page with; none after the last one.
   *
   * @throws `backend` when the listing goes in a circle: whoever lists must not take what came for all there is.
   */
  next(token: string | undefined): string | undefined {
    if (token === undefined || token === '') return undefined;
    if (token === this.#remembered)
      throw new FieldFileError(
        'backend',
        `Storage "${this.#context.storage}": the service repeats pages of a listing, which never ends (${this.#context.operation}).`,
        this.#context,
      );
    if (++this.#steps === this.#limit) {
      this.#remembered = token;
      this.#steps = 0;
      this.#limit *= 2;
    }
    return token;
  }
}
