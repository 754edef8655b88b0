// The languages without a build: scripts/build/words.mjs makes what pages get from the catalogues' folders.
/** @type {{languages: Array<[string, string, number, string]>}} */
export default {
  languages: [
    ["fr", "Français", 100, "fr-FR"],
    ["en", "English", 100, "en-GB"],
  ],
};
