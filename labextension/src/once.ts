/** An act that happens at most once. Pure. */

/** While it runs, and after it succeeded, another start does nothing; after a failure it may be tried again. */
export class Once {
  private closed = false;

  /** False when nothing was started. `act` says whether it succeeded and does not reject. */
  start(act: () => Promise<boolean>): boolean {
    if (this.closed) {
      return false;
    }
    this.closed = true;
    void act().then(done => {
      this.closed = done;
    });
    return true;
  }
}
