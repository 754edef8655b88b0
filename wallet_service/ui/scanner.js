/**
 * Reads QR codes from the rear camera: the browser's own detector where there is one, else npm `qr`. Owns the camera
 * between start and stop; gives texts, judges none.
 */

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
 * @returns {Promise<MediaStream>} throws CameraUnavailable
 */
export async function openCamera(devices = navigator.mediaDevices, pause = wait) {
  if (!devices?.getUserMedia) throw new CameraUnavailable("absent");
  const video = { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } };
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

/** @returns {Promise<(video: HTMLVideoElement) => Promise<string|null>>} */
async function makeReader() {
  const { BarcodeDetector } = /** @type {any} */ (globalThis);
  const formats = (await BarcodeDetector?.getSupportedFormats?.().catch(() => [])) ?? [];
  if (formats.includes("qr_code")) {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
  }
  const { decodeQR } = await import("qr/decode.js");
  const canvas = document.createElement("canvas");
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  return async (video) => {
    const scale = Math.min(1, MAX_SIDE_PX / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    try {
      return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      return null; // no code in this frame: the ordinary case
    }
  };
}

/**
 * @param {HTMLVideoElement} video
 * @param {(text: string) => void} onText called for each frame that holds a code
 * @returns {Promise<() => void>} stops the camera; throws CameraUnavailable
 */
export async function startScanner(video, onText) {
  const [stream, read] = await Promise.all([openCamera(), makeReader()]);
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
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
  return stop;
}
