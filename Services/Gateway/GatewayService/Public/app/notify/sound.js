// The sound of a new message: two short tones, made here.

const pause = 2_000;
let context = null;
let last = -Infinity;

/** Plays it, unless it was played just now. A browser lets a page be heard only after somebody has used it. */
export async function playSound() {
  if (typeof AudioContext === 'undefined' || performance.now() - last < pause) return;
  last = performance.now();
  context ??= new AudioContext();
  if (context.state !== 'running') await context.resume();
  const start = context.currentTime + 0.02;
  tone(context, 659, start);
  tone(context, 880, start + 0.11);
}

function tone(audio, frequency, start) {
  const oscillator = new OscillatorNode(audio, { type: 'sine', frequency });
  const gain = new GainNode(audio, { gain: 0 });
  gain.gain.setValueAtTime(0.0001, start);
  gain.gain.exponentialRampToValueAtTime(0.16, start + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.35);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + 0.4);
}
