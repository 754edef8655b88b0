// What is heard and felt: a rising pair of notes and a short vibration for "paid", a low note for a refusal. No file, no network.

import { vibrate } from "#ui/components.js";

const SOUND_KEY = "alba_till_sound";
/** @type {AudioContext | null} */
let audio = null;

export const soundOn = () => localStorage.getItem(SOUND_KEY) !== "off";
/** @param {boolean} on */
export function setSound(on) {
  localStorage.setItem(SOUND_KEY, on ? "on" : "off");
}

/** Whether "paid" would be heard: after a reload a page is silent until it is touched. */
export const isDeaf = () => soundOn() && audio?.state !== "running";

/** Browsers let a page sound only after a touch: called on each main button. */
export function wakeSound() {
  if (!soundOn()) return;
  audio ??= new AudioContext();
  if (audio.state === "suspended") void audio.resume();
}

/** @param {number} frequencyHz @param {number} startS from now @param {number} lengthS @param {number} volume up to 1 */
function note(frequencyHz, startS, lengthS, volume) {
  if (!audio || !soundOn()) return;
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  const at = audio.currentTime + startS;
  oscillator.type = "sine";
  oscillator.frequency.value = frequencyHz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(volume, at + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.001, at + lengthS);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(at);
  oscillator.stop(at + lengthS);
}

export function signalPaid() {
  vibrate([60, 50, 140]);
  note(659.25, 0, 0.22, 0.35);
  note(987.77, 0.13, 0.5, 0.35);
}

export function signalRefused() {
  vibrate([220]);
  note(196, 0, 0.4, 0.3);
}
