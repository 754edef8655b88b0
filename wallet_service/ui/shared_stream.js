// One line for all tabs of a person: a browser opens six to one origin, and each further tab would wait for ever.
// One tab holds the line and tells the others what it hears; another takes over when it is closed, or falls silent.
import { onAwake } from "./awake.js";
import { openStream } from "./stream.js";

/** How long a tab that has woken up waits for a word of the one that holds the line. */
const ANSWER_WITHIN_MS = 1_000;
const WATCH_MS = 1_000;
/** The service beats every five seconds; who passes nothing on for so long sleeps, or is dead. */
const SILENT_AFTER_MS = 15_000;

/** @typedef {Parameters<typeof openStream>[2] & {locks?: any, ChannelClass?: any}} Options */

/**
 * As `openStream`, shared by all tabs of this origin that give the same path. A browser that cannot share opens a line
 * for each tab.
 * @param {string} path
 * @param {Record<string, Function>} handlers by kind
 * @param {Options} [options]
 * @returns {() => void} close
 */
export function shareStream(path, handlers, options = {}) {
  const { locks = globalThis.navigator?.locks, ChannelClass = globalThis.BroadcastChannel, ...given } = options;
  if (!locks || !ChannelClass) return openStream(path, handlers, given);
  const shared = new SharedStream(path, handlers, given, locks, new ChannelClass(`stream:${path}`));
  return () => shared.close();
}

class SharedStream {
  #path;
  #handlers;
  #options;
  #locks;
  #channel;
  /** @type {string | null} */
  #lastId;
  #isOpen = false;
  #isClosed = false;
  #heardAtMs = performance.now();
  /** Set while this tab holds the line: lets it go. @type {(() => void) | null} */
  #letGo = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #answerTimer;
  #watchdog;
  #stopWaking;

  /**
   * @param {string} path
   * @param {Record<string, Function>} handlers
   * @param {NonNullable<Parameters<typeof openStream>[2]>} options
   * @param {LockManager} locks
   * @param {BroadcastChannel} channel
   */
  constructor(path, handlers, options, locks, channel) {
    this.#path = path;
    this.#handlers = handlers;
    this.#options = options;
    this.#locks = locks;
    this.#channel = channel;
    this.#lastId = options.lastEventId ?? null;
    const { silentAfterMs = SILENT_AFTER_MS, awake = "document" in globalThis ? onAwake : () => () => {} } = options;
    channel.onmessage = ({ data }) => this.#hear(data);
    this.#stopWaking = awake(() => this.#doubt());
    const isSilent = () => performance.now() - this.#heardAtMs > silentAfterMs && isInFront();
    this.#watchdog = setInterval(() => isSilent() && this.#rob(), WATCH_MS);
    this.#queue();
    channel.postMessage({ isAsked: true });
  }

  close() {
    this.#isClosed = true;
    this.#stopWaking();
    clearTimeout(this.#answerTimer);
    clearInterval(this.#watchdog);
    this.#letGo?.();
    this.#channel.close();
  }

  /** A line that is closed may still hear its own end: that is nobody's news. @param {any} said */
  #tell(said) {
    if (!this.#isClosed) this.#channel.postMessage(said);
  }

  /** Waits for the line, or takes it from a tab that is silent; who is robbed of it waits again. */
  #queue(how = {}) {
    this.#locks
      .request(this.#channel.name, how, () => this.#hold())
      .catch(() => {
        this.#letGo?.();
        if (!this.#isClosed) this.#queue();
      });
  }

  /** @returns {Promise<void>} resolves when the line is let go */
  #hold() {
    if (this.#isClosed) return Promise.resolve();
    const passOn = (/** @type {string} */ kind) => (/** @type {any} */ data, /** @type {string | null} */ id) => {
      this.#tell({ kind, data, id });
      this.#take(kind, data, id);
    };
    const passedOn = Object.fromEntries(Object.keys(this.#handlers).map((kind) => [kind, passOn(kind)]));
    const onState = (/** @type {boolean} */ isOpen) => {
      this.#tell({ isOpen, id: this.#lastId });
      this.#say(isOpen);
    };
    const close = openStream(this.#path, passedOn, { ...this.#options, lastEventId: this.#lastId, onState });
    return new Promise((resolve) => {
      this.#letGo = () => {
        this.#letGo = null;
        close();
        resolve();
      };
    });
  }

  #rob() {
    if (this.#letGo || this.#isClosed) return;
    this.#heardAtMs = performance.now();
    this.#queue({ steal: true });
  }

  /** Back in front of a person: does anybody still hold the line? */
  #doubt() {
    if (this.#letGo) return; // openStream wakes up by itself
    clearTimeout(this.#answerTimer);
    this.#answerTimer = setTimeout(() => this.#rob(), ANSWER_WITHIN_MS);
    this.#tell({ isAsked: true });
  }

  /** @param {any} said by another tab */
  #hear(said) {
    this.#heardAtMs = performance.now();
    if (said.isAsked) {
      if (this.#letGo) this.#tell({ isOpen: this.#isOpen, id: this.#lastId, isAnswer: true });
      return;
    }
    if (this.#letGo) return; // two for a moment: the other is about to learn that it is none
    clearTimeout(this.#answerTimer);
    if (said.kind) return this.#take(said.kind, said.data, said.id);
    if (said.isOpen !== this.#isOpen) this.#say(said.isOpen);
    // What happened before this tab listened is as unknown to it as to one that opens a line.
    if (said.isAnswer && said.isOpen) this.#take("stream.open", {}, said.id);
  }

  /** @param {string} kind @param {any} data @param {string | null} id */
  #take(kind, data, id) {
    this.#lastId = id ?? this.#lastId;
    this.#handlers[kind]?.(data, id);
  }

  /** @param {boolean} isOpen */
  #say(isOpen) {
    this.#isOpen = isOpen;
    this.#options.onState?.(isOpen);
  }
}

const isInFront = () => globalThis.document?.visibilityState !== "hidden";
