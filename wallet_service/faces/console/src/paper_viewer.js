// Looks closely at a paper: larger, turned, page by page. Nothing is loaded but the page that is looked at.
import { nearest } from "#ui/dom.js";

const STEP = 1.25;
const MAX_ZOOM = 8;
const RIGHT_ANGLE = 90;
const WHOLE_TURN = 360;

/** How a page is looked at: `zoom` times the size at which all of it is seen, turned by `turn` degrees. */
export const WHOLE = { zoom: 1, turn: 0 };

/** @param {typeof WHOLE} view @param {string} act @returns {typeof WHOLE} */
export function changed(view, act) {
  const turned = (/** @type {number} */ by) => (view.turn + by + WHOLE_TURN) % WHOLE_TURN;
  switch (act) {
    case "larger":
      return { ...view, zoom: Math.min(view.zoom * STEP, MAX_ZOOM) };
    case "smaller":
      return { ...view, zoom: Math.max(view.zoom / STEP, 1) };
    case "right":
      return { ...view, turn: turned(RIGHT_ANGLE) };
    case "left":
      return { ...view, turn: turned(-RIGHT_ANGLE) };
    default:
      return WHOLE;
  }
}

/**
 * The picture's size before it is turned, and that of what it fills afterwards, in pixels.
 * @param {typeof WHOLE} view @param {{width: number, height: number}} picture @param {{width: number, height: number}} room
 */
export function sizes(view, picture, room) {
  const lies = view.turn % (2 * RIGHT_ANGLE) !== 0;
  const [across, down] = lies ? [picture.height, picture.width] : [picture.width, picture.height];
  const scale = Math.min(room.width / across, room.height / down) * view.zoom;
  return {
    width: picture.width * scale,
    height: picture.height * scale,
    filledWidth: across * scale,
    filledHeight: down * scale,
  };
}

/** What was in the middle stays there. @param {HTMLElement} stage @param {HTMLElement} sheet @param {() => void} change */
function keepMiddle(stage, sheet, change) {
  const across = (stage.scrollLeft + stage.clientWidth / 2) / sheet.clientWidth;
  const down = (stage.scrollTop + stage.clientHeight / 2) / sheet.clientHeight;
  change();
  const { clientWidth, clientHeight } = stage;
  stage.scrollTo(across * sheet.clientWidth - clientWidth / 2, down * sheet.clientHeight - clientHeight / 2);
}

const ACTS_OF_KEYS = { "+": "larger", "=": "larger", "-": "smaller", 0: "whole", r: "right", R: "left" };

/** @param {KeyboardEvent} event @param {typeof WHOLE} view @returns {string | undefined} */
function actOfKey(event, view) {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const isWhole = view.zoom === 1; // else the arrows move over the page
  /** @type {Record<string, string>} */
  const arrows = isWhole ? { ArrowRight: "next", ArrowLeft: "previous" } : {};
  /** @type {Record<string, string>} */
  const acts = { ...ACTS_OF_KEYS, ...arrows, PageDown: "next", PageUp: "previous" };
  return acts[event.key];
}

/** Links with data-page open in the dialog #viewer; without this script they lead to the picture itself. @param {Document} root */
export function startPaperViewer(root) {
  const dialog = /** @type {HTMLDialogElement | null} */ (root.querySelector("#viewer"));
  if (!dialog) return;
  const part = (/** @type {string} */ name) =>
    /** @type {HTMLElement} */ (dialog.querySelector(`[data-viewer="${name}"]`));
  const image = /** @type {HTMLImageElement} */ (part("image"));
  const [stage, sheet] = [part("stage"), part("sheet")];
  /** @type {HTMLAnchorElement[]} */
  let pages = [];
  let at = 0;
  let view = WHOLE;

  function draw() {
    const picture = { width: image.naturalWidth, height: image.naturalHeight };
    if (!picture.width) return;
    const room = { width: stage.clientWidth, height: stage.clientHeight };
    const size = sizes(view, picture, room);
    Object.assign(sheet.style, { width: `${size.filledWidth}px`, height: `${size.filledHeight}px` });
    Object.assign(image.style, {
      width: `${size.width}px`,
      height: `${size.height}px`,
      transform: `translate(-50%, -50%) rotate(${view.turn}deg)`,
    });
  }

  function go(/** @type {number} */ to) {
    if (!pages[to]) return;
    at = to;
    view = WHOLE;
    const link = pages[at];
    const told = (dialog?.dataset.place ?? "")
      .replace("{number}", String(at + 1))
      .replace("{count}", String(pages.length));
    part("name").textContent = `${link.dataset.page} (${told})`;
    image.alt = link.dataset.page ?? "";
    image.src = link.href;
    const able = (/** @type {string} */ name, /** @type {number} */ other) => {
      /** @type {HTMLButtonElement} */ (part(name)).disabled = !pages[other];
    };
    able("previous", at - 1);
    able("next", at + 1);
  }

  function act(/** @type {string} */ name) {
    if (name === "next" || name === "previous") return go(at + (name === "next" ? 1 : -1));
    keepMiddle(stage, sheet, () => {
      view = changed(view, name);
      draw();
    });
    return undefined;
  }

  image.addEventListener("load", draw);
  addEventListener("resize", draw);
  root.addEventListener("click", (event) => {
    const link = /** @type {HTMLAnchorElement | null} */ (nearest(event, "a[data-page]"));
    if (!link || /** @type {MouseEvent} */ (event).ctrlKey || /** @type {MouseEvent} */ (event).metaKey) return;
    event.preventDefault();
    pages = [...root.querySelectorAll("a[data-page]")].map((each) => /** @type {HTMLAnchorElement} */ (each));
    dialog.showModal();
    go(pages.indexOf(link));
    stage.focus();
  });
  dialog.addEventListener("click", (event) => {
    const button = nearest(event, "[data-act]");
    if (button) act(button.dataset.act ?? "");
  });
  dialog.addEventListener("close", () => image.removeAttribute("src"));
  dialog.addEventListener("keydown", (event) => {
    const name = actOfKey(event, view);
    if (!name) return;
    event.preventDefault();
    act(name);
  });
}
