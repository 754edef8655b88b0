/**
 * Where this page is open, as far as it matters to whoever keeps money here. Reads the browser's own words only.
 */

/** Browsers inside other apps: what they keep is thrown away with the app, or is nowhere to be found again. */
const IN_APP =
  /Instagram|FBAN|FBAV|FB_IAB|FBIOS|\bLine\/|WhatsApp|MicroMessenger|Snapchat|TikTok|musical_ly|BytedanceWebview|Twitter|LinkedInApp|Pinterest|GSA\/|; wv\)/;

/** @param {string} userAgent */
export const isInApp = (userAgent) => IN_APP.test(userAgent);

/**
 * A tab of Safari on a phone, which forgets what was not used for seven days; an app on its home screen does not.
 * @param {{userAgent: string, standalone?: boolean, maxTouchPoints?: number}} browser as `navigator` says
 */
export function isEvictedTab({ userAgent, standalone = false, maxTouchPoints = 0 }) {
  const isAppleTouch = /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
  return isAppleTouch && !standalone;
}
