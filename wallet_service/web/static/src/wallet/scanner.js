/**
 * Reads QR codes from the rear camera: the browser's own detector where there is one, else npm `qr`. Owns the camera
 * between start and stop; gives texts, judges none.
 */

const READ_EVERY_MS = 90;
const MAX_SIDE_PX = 720;

/** Why there is no picture: denied, absent, or insecure page. */
export class CameraUnavailable extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

async function openCamera() {
  if (!navigator.mediaDevices?.getUserMedia) throw new CameraUnavailable("absent");
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
    });
  } catch (error) {
    throw new CameraUnavailable(error.name === "NotAllowedError" ? "denied" : "absent");
  }
}

/** @returns {Promise<(video: HTMLVideoElement) => Promise<string|null>>} */
async function makeReader() {
  const formats = (await globalThis.BarcodeDetector?.getSupportedFormats?.().catch(() => [])) ?? [];
  if (formats.includes("qr_code")) {
    const detector = new globalThis.BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
  }
  const { decodeQR } = await import("qr/decode.js");
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
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
