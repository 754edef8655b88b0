// A tap is a press and a release on one thing: where that thing is replaced in between, the tap is lost. What is to
// be drawn around something pressed therefore waits until the tap has been. Knows no page; dom.js asks it.

/** A release may bring its click a moment later, on a touch screen. */
export const CLICK_COMES_WITHIN_MS = 300;

/** @typedef {{ contains(other: any): boolean }} Container */

export class Presses {
  /** @type {any} */
  #pressed = null;
  /** @type {Map<Container, () => void>} the last drawing asked for, of each place */
  #waiting = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** Something is pressed. @param {any} node */
  begin(node) {
    clearTimeout(this.#timer);
    this.#pressed = node;
  }

  /** It was released: its click comes, or does not. */
  release() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), CLICK_COMES_WITHIN_MS);
  }

  /** Its click is here: who hears it draws at once, and what waited is drawn after them. */
  click() {
    clearTimeout(this.#timer);
    this.#pressed = null;
    this.#timer = setTimeout(() => this.end(), 0);
  }

  /** Nothing is pressed any more. */
  end() {
    clearTimeout(this.#timer);
    this.#pressed = null;
    const drawings = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const draw of drawings) draw();
  }

  /** Draws now, or once what is pressed in there has been tapped; of several the last. @param {Container} container @param {() => void} draw */
  draw(container, draw) {
    if (this.#pressed !== null && container.contains(this.#pressed)) {
      this.#waiting.set(container, draw);
      return;
    }
    this.#waiting.delete(container);
    draw();
  }

  /** Hears the page's own presses. @param {Pick<Window, "addEventListener">} page */
  hear(page) {
    const first = { capture: true, passive: true };
    page.addEventListener(
      "pointerdown",
      (event) => event.isPrimary && event.button === 0 && this.begin(event.target),
      first,
    );
    page.addEventListener("pointerup", () => this.release(), first);
    page.addEventListener("click", () => this.click(), first);
    for (const name of /** @type {const} */ (["pointercancel", "blur"]))
      page.addEventListener(name, () => this.end(), first);
  }
}
