// Reading and drawing QR codes, fetched when first needed. One module for both: the build makes one further file of it.
export { default as encodeQR } from "qr";
export { decodeQR } from "qr/decode.js";
