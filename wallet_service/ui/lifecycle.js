// What a screen holds while it is shown: listeners, timers, the camera. All of it is let go at once.

export class Disposables {
  /** @type {Array<() => void>} */
  #callbacks = [];
  /** Whether the screen was left: an answer that comes late must not paint or lead elsewhere. */
  isDisposed = false;

  /** @param {() => void} callback called when the screen is left */
  add(callback) {
    this.#callbacks.push(callback);
  }

  /** @param {number} milliseconds @param {() => void} callback */
  every(milliseconds, callback) {
    const timer = setInterval(callback, milliseconds);
    this.add(() => clearInterval(timer));
  }

  dispose() {
    this.isDisposed = true;
    for (const callback of this.#callbacks.splice(0)) callback();
  }
}
