/**
 * What was used and may not be used again, for as long as its signature holds. It is this process's: another one relies on
 * the object being there.
 */
export class UsedTokens {
  readonly #until = new Map<string, number>();
  #pruneAt = 1000;

  has(token: string): boolean {
    return this.#until.has(token);
  }

  /** @param expiresAt seconds since 1970. */
  add(token: string, expiresAt: number): void {
    if (this.#until.size >= this.#pruneAt) this.#prune();
    this.#until.set(token, expiresAt);
  }

  #prune(): void {
    const now = Date.now() / 1000;
    for (const [token, expiresAt] of this.#until) if (expiresAt <= now) this.#until.delete(token);
    this.#pruneAt = Math.max(1000, this.#until.size * 2);
  }
}
