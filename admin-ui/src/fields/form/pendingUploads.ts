/** Files on their way into the fields of an entry. What is saved or published before they arrive would lack them. */
export class PendingUploads {
  #running = new Set<Promise<boolean>>();
  #listeners = new Set<() => void>();

  /** How many there are. */
  get count(): number {
    return this.#running.size;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Notes an upload. It ends after its file is in the field (or is no longer wanted); `false`: it failed. */
  add(upload: Promise<boolean>): void {
    const running = upload
      .catch(() => false)
      .finally(() => {
        this.#running.delete(running);
        this.#tell();
      });
    this.#running.add(running);
    this.#tell();
  }

  /** Waits for all, those that begin meanwhile too. Answers whether none failed. */
  async settle(): Promise<boolean> {
    let complete = true;
    while (this.#running.size > 0) {
      const arrived = await Promise.all(this.#running);
      complete &&= arrived.every(Boolean);
    }
    return complete;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
