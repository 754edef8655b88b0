/**
 * Reads QR codes from the rear camera: the browser's own detector where there is one, else npm `qr`. Owns the camera
 * between start and stop; gives texts, judges none.
 */
import { loadPart } from "./release.js";

const READ_EVERY_MS = 90;
const MAX_SIDE_PX = 720;
/** A camera that another page is just giving back is asked for again before people are told. */
export const OPEN_TRIES = 4;
const OPEN_AGAIN_MS = 400;

/**
 * Why there is no picture: denied (by the person, the system or an insecure page), absent, or busy (another page or
 * program holds it, or it did not start). By the names of Media Capture and Streams, 10.2; what is not named is busy.
 *
 * @type {Record<string, "denied" | "absent" | "busy">}
 */
const REASONS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "absent",
  OverconstrainedError: "absent",
  TypeError: "absent",
};

export class CameraUnavailable extends Error {
  /** @param {"denied" | "absent" | "busy"} reason */
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * @param {MediaDevices | undefined} [devices]
 * @param {(ms: number) => Promise<void>} [pause]
 * @param {string | null} [deviceId] the lens that was chosen; none: the one at the back that the system proposes
 * @returns {Promise<MediaStream>} throws CameraUnavailable
 */
export async function openCamera(devices = navigator.mediaDevices, pause = wait, deviceId = null) {
  if (!devices?.getUserMedia) throw new CameraUnavailable("absent");
  const lens = deviceId ? { deviceId: { ideal: deviceId } } : { facingMode: { ideal: "environment" } };
  const focus = /** @type {any} */ ({ focusMode: { ideal: "continuous" } });
  const video = { ...lens, ...focus, width: { ideal: 1280 }, height: { ideal: 720 } };
  for (let tries = 1; ; tries += 1) {
    try {
      return await devices.getUserMedia({ audio: false, video });
    } catch (error) {
      const reason = REASONS[error.name] ?? "busy";
      if (reason === "denied" || tries === OPEN_TRIES) throw new CameraUnavailable(reason);
    }
    await pause(OPEN_AGAIN_MS);
  }
}

/** @type {(ms: number) => Promise<void>} */
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Anything a code can be looked for in. @typedef {HTMLVideoElement | ImageBitmap} Picture */

/** @returns {Promise<(picture: Picture) => Promise<string|null>>} */
async function makeReader() {
  const { BarcodeDetector } = /** @type {any} */ (globalThis);
  const formats = (await BarcodeDetector?.getSupportedFormats?.().catch(() => [])) ?? [];
  if (formats.includes("qr_code")) {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (picture) => (await detector.detect(picture))[0]?.rawValue ?? null;
  }
  const { decodeQR } = await loadPart(() => import("./qr_codes.js"));
  const canvas = document.createElement("canvas");
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  return async (picture) => {
    const [width, height] = sizeOf(picture);
    const scale = Math.min(1, MAX_SIDE_PX / Math.max(width, height));
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    try {
      return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      return null; // no code in this frame: the ordinary case
    }
  };
}

/** @param {Picture} picture @returns {[width: number, height: number]} */
const sizeOf = (picture) =>
  "videoWidth" in picture ? [picture.videoWidth, picture.videoHeight] : [picture.width, picture.height];

/** The code in a picture from the album, or null; throws PartMissing. @param {Blob} file @returns {Promise<string|null>} */
export async function readPicture(file) {
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return null;
  const read = await makeReader();
  const text = await read(picture).catch(() => null);
  picture.close();
  return text;
}

/**
 * The rear cameras this page may use, best known after one was opened. Where they have no names, all of them.
 * @param {MediaDevices} [devices]
 * @returns {Promise<string[]>} their ids
 */
export async function rearCameras(devices = navigator.mediaDevices) {
  const cameras = (await devices.enumerateDevices()).filter(({ kind, deviceId }) => kind === "videoinput" && deviceId);
  const rear = cameras.filter(({ label }) => !/front|avant|user|facetime|selfie/i.test(label));
  return (rear.length > 0 ? rear : cameras).map(({ deviceId }) => deviceId);
}

/**
 * @param {HTMLVideoElement} video
 * @param {(text: string) => void} onText called for each frame that holds a code
 * @param {{deviceId?: string | null, onEnded?: () => void}} [options] `deviceId`: this lens if it is there; `onEnded`: the
 * system has taken the camera away
 * @returns {Promise<{stop: () => void, track: MediaStreamTrack | undefined}>} throws CameraUnavailable, PartMissing
 */
export async function startScanner(video, onText, { deviceId = null, onEnded = () => {} } = {}) {
  const reader = makeReader();
  const stream = await openCamera(navigator.mediaDevices, wait, deviceId).catch(async (error) => {
    await reader.catch(() => {});
    throw error;
  });
  const read = await reader.catch((error) => {
    for (const one of stream.getTracks()) one.stop(); // no picture without a reader
    throw error;
  });
  let isStopped = false;
  const [track] = stream.getVideoTracks();
  const stop = () => {
    isStopped = true;
    for (const one of stream.getTracks()) one.stop();
    video.srcObject = null;
  };
  track?.addEventListener("ended", () => isStopped || onEnded());
  video.srcObject = stream;
  await video.play().catch(() => {});
  const look = async () => {
    if (isStopped) return;
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && video.videoWidth > 0) {
      const text = await read(video).catch(() => null);
      if (text && !isStopped) onText(text);
    }
    setTimeout(look, READ_EVERY_MS);
  };
  void look();
  return { stop, track };
}

/** Whether that camera has a light of its own. @param {MediaStreamTrack | undefined} track */
export const hasTorch = (track) =>
  Boolean(/** @type {any} */ (track)?.getCapabilities && /** @type {any} */ (track).getCapabilities().torch);

/** @param {MediaStreamTrack} track @param {boolean} isOn */
export const setTorch = (track, isOn) =>
  track.applyConstraints(/** @type {any} */ ({ advanced: [{ torch: isOn }] })).catch(() => {});
