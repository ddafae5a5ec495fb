// The icon in the browser's tab: the mark, with the number of unread messages on it.
import { assetAddress } from '../assets.js';

const size = 64;
let mark = null;

/** Loads the mark as an image. */
function loadMark() {
  mark ??= new Promise((resolve, reject) => {
    const image = new Image(size, size);
    image.onload = () => resolve(image);
    image.onerror = () => {
      mark = null;
      reject(new Error('The mark could not be loaded.'));
    };
    image.src = assetAddress('martlet.svg');
  });
  return mark;
}

/** The address of a picture of the mark with a number on it; without one for 0. Systems show no SVG in notifications. */
export async function markWith(count) {
  const image = await loadMark();
  const canvas = document.createElement('canvas');
  canvas.width = size;
  canvas.height = size;
  const pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0, size, size);
  if (count > 0) drawBadge(pen, count > 99 ? '99+' : String(count));
  return canvas.toDataURL('image/png');
}

/** At the lower corner, as wide as its words, with a gap around it. */
function drawBadge(pen, words) {
  const height = 38;
  pen.font = `700 ${words.length > 2 ? 24 : 30}px system-ui, sans-serif`;
  const width = Math.max(height, pen.measureText(words).width + 14);
  const left = size - width;
  const top = size - height;
  pen.globalCompositeOperation = 'destination-out';
  pill(pen, left - 4, top - 4, width + 8, height + 8);
  pen.globalCompositeOperation = 'source-over';
  pen.fillStyle = '#b3261e';
  pill(pen, left, top, width, height);
  pen.fillStyle = '#ffffff';
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(words, left + width / 2, top + height / 2 + 2);
}

function pill(pen, left, top, width, height) {
  pen.beginPath();
  pen.roundRect(left, top, width, height, height / 2);
  pen.fill();
}

/** Keeps the tab's icon showing a number. */
export class TabIcon {
  #link = document.querySelector('link[rel="icon"]');
  #plain = { href: this.#link.getAttribute('href'), type: this.#link.type };
  #shown = 0;

  async show(count) {
    const wanted = Math.min(count, 100);
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    const icon = wanted > 0 ? { href: await markWith(count).catch(() => null), type: 'image/png' } : this.#plain;
    if (icon.href && this.#shown === wanted) Object.assign(this.#link, icon);
  }
}
