// Sound that was heard: kept, measured, played, and written as a WAV file.

const KEPT_S = 10;

// The last KEPT_S seconds of a stream.
class Tape {
  constructor() {
    this.samples = new Int16Array(KEPT_S * RATE_HZ);
    this.length = 0; // of the stream
  }

  add(block) {
    for (const sample of block) {
      this.samples[this.length % this.samples.length] = sample;
      this.length += 1;
    }
  }

  // The last milliseconds of the stream, as far as they are kept.
  last(time_ms) {
    const count = Math.min((time_ms * RATE_HZ) / 1000, this.length, this.samples.length);
    const first = this.length - count;
    return Int16Array.from({ length: count }, (_, place) => this.samples[(first + place) % this.samples.length]);
  }
}

function peakOf(pcm) {
  let peak = 0;
  for (const sample of pcm) peak = Math.max(peak, Math.abs(sample));
  return peak;
}

function isClipped(pcm) {
  return peakOf(pcm) >= CERTAIN - 1;
}

// dB of full scale; that of silence is that of the smallest sample.
function decibels(magnitude) {
  return 20 * Math.log10(Math.max(magnitude, 1) / CERTAIN);
}

let loudspeaker;
function play(pcm) {
  loudspeaker ||= new AudioContext();
  const buffer = loudspeaker.createBuffer(1, Math.max(1, pcm.length), RATE_HZ);
  buffer.getChannelData(0).set(Float32Array.from(pcm, sample => sample / CERTAIN));
  const source = new AudioBufferSourceNode(loudspeaker, { buffer });
  source.connect(loudspeaker.destination);
  source.start();
}

// A WAV file of 16 kHz int16 mono, Uint8Array.
function wavFile(pcm) {
  const file = new DataView(new ArrayBuffer(44 + 2 * pcm.length));
  const text = (place, letters) => [...letters].forEach((letter, index) => file.setUint8(place + index, letter.charCodeAt(0)));
  text(0, "RIFF");
  file.setUint32(4, 36 + 2 * pcm.length, true);
  text(8, "WAVEfmt ");
  file.setUint32(16, 16, true);
  file.setUint16(20, 1, true); // PCM
  file.setUint16(22, 1, true); // channels
  file.setUint32(24, RATE_HZ, true);
  file.setUint32(28, 2 * RATE_HZ, true);
  file.setUint16(32, 2, true);
  file.setUint16(34, 16, true);
  text(36, "data");
  file.setUint32(40, 2 * pcm.length, true);
  pcm.forEach((sample, place) => file.setInt16(44 + 2 * place, sample, true));
  return new Uint8Array(file.buffer);
}

function download(name, parts, type) {
  const link = Object.assign(document.createElement("a"), { download: name, href: URL.createObjectURL(new Blob(parts, { type })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
